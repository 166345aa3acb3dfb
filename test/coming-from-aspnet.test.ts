/** What the page for people from ASP.NET WebHooks says is there. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import Fastify from 'fastify'
import { signedPush } from './plugin/app.ts'

const pages = ['coming-from-aspnet', 'generic'].map(name => new URL(`../docs/${name}.md`, import.meta.url))
const page = readFileSync(pages[0]!, 'utf8')
const rows = [...page.matchAll(/^\| (\d+) +\|.*\| (.*) \|$/gm)].map(([, number, here]) => ({
  number: Number(number),
  here: here!
}))

test('each of the 99 points has its row, in order, and a verdict', () => {
  const points = [...Array.from({ length: 96 }, (_, index) => index + 1), 118, 119, 120]
  assert.deepEqual(
    rows.map(({ number }) => number),
    points
  )
  for (const { number, here } of rows) assert.match(here, /^(?:Yes|Otherwise|No)\b/, `point ${number}`)
})

test('what can’t be done is said with its reason', () => {
  for (const { number, here } of rows.filter(({ here }) => here.startsWith('No'))) {
    assert.match(here, /^No[^:]*: .{20}/, `point ${number}`)
  }
})

test('links lead somewhere', () => {
  for (const url of pages) {
    for (const [, target] of readFileSync(url, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      assert.ok(existsSync(new URL(target!, url)), target)
    }
  }
})

test('tests that it names by their words are in the file that it names', () => {
  const named = [...page.matchAll(/"([^"|]{20,})", \[[\w.-]+\]\((\S+?\.test\.ts)\)/g)]
  assert.ok(named.length > 10)
  for (const [, words, file] of named) {
    const source = readFileSync(new URL(file!, pages[0]), 'utf8')
    for (const part of words!.split('…')) assert.ok(source.includes(part.trim()), `${file}: ${part}`)
  }
})

describe('the handler beside its C#', () => {
  const said: string[] = []
  const secret = 'a-secret-for-the-tests'
  const code = 'a-code-for-the-url-of-32-letters-'

  async function listening() {
    const saved = { ...process.env }
    Object.assign(process.env, {
      WEBHOOKS_GITHUB_SECRET: secret,
      WEBHOOKS_GITHUB_SECRETS: `playground=${secret}`,
      WEBHOOKS_VSTS_SECRET: code
    })
    try {
      const { receiveWebhooks } = await import('../docs/examples/from-aspnet.ts')
      const app = Fastify()
      await receiveWebhooks(app, async text => void said.push(text))
      return app
    } finally {
      process.env = saved
    }
  }

  test('handles, and leaves the playground alone', async () => {
    const app = await listening()
    const body = '{"action":"opened","issue":{},"repository":{}}'
    for (const [url, status] of [
      ['/api/webhooks/incoming/github', 202],
      ['/api/webhooks/incoming/github/playground', 200]
    ] as const) {
      const request = await signedPush({ url, body, secret, headers: { 'x-github-event': 'issues' } })
      assert.equal((await app.inject(request)).statusCode, status)
    }
    assert.deepEqual(said.splice(0), ['github: issues.opened'])
  })

  test('takes a URL that is registered under the old name, by its code', async () => {
    const app = await listening()
    const payload = { eventType: 'build.complete', id: '1', resource: { id: 7, buildNumber: '20261124.1' } }
    const post = (search: string) =>
      app.inject({ method: 'POST', url: `/api/webhooks/incoming/vsts${search}`, payload })
    assert.equal((await post('')).statusCode, 401)
    assert.equal((await post(`?code=${code}`)).statusCode, 202)
    assert.deepEqual(said, ['vsts: 20261124.1'])
  })
})
