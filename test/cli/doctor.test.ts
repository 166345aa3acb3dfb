import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { FakeStore, FakeTerminal } from './terminal.ts'

const SECRET = 'a-secret-for-the-tests'

async function findingsIn(env: object): Promise<{ code: number; says: (what: string) => string }> {
  const { code, out } = await new FakeTerminal().run(['doctor', '--json'], { ...env })
  const { findings } = JSON.parse(out)
  const of = (what: string) => findings.filter((finding: any) => finding.what === what)
  return {
    code,
    says: what =>
      of(what)
        .map((finding: any) => `${finding.state}: ${finding.says}`)
        .join('\n')
  }
}

/** Something that answers with this date, in the place of the public URL. */
async function answering<Result>(date: Date, use: (url: string) => Promise<Result>): Promise<Result> {
  const server = createServer((_, answer) => answer.setHeader('date', date.toUTCString()).end())
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('doctor', () => {
  test('finds what is good', async () => {
    const fake = new FakeStore()
    await answering(new Date(), async url => {
      const { code, says } = await findingsIn({ ...fake.env, WEBHOOKS_GITHUB_SECRET: SECRET, WEBHOOKS_PUBLIC_URL: url })
      assert.equal(code, 0)
      assert.match(says('github'), /^good: instances: unnamed$/)
      assert.match(says('public URL'), /^look: something answers there; it is no https/)
      assert.match(says('clock'), /^good: /)
      assert.match(says('store'), /^good: memory can be used$/)
    })
  })

  test('finds variables that lack something, or that nothing reads', async () => {
    const lacking = await findingsIn({ WEBHOOKS_META_SECRET: SECRET })
    assert.equal(lacking.code, 1)
    assert.match(lacking.says('environment'), /^bad: WEBHOOKS_META_SECRET needs WEBHOOKS_META_VERIFY_TOKEN as well/)
    const misspelled = await findingsIn({ WEBHOOKS_GITHUB_SECRET: SECRET, WEBHOOKS_SLAK_SECRET: SECRET })
    assert.match(misspelled.says('environment'), /^look: Nothing reads WEBHOOKS_SLAK_SECRET/)
    assert.equal(misspelled.code, 0)
    const nothing = await findingsIn({})
    assert.match(nothing.says('environment'), /^look: no receiver of ours has a secret here/)
    assert.match(nothing.says('store'), /^look: there is none/)
  })

  test('finds a clock that is wrong, and a URL where nobody answers', async () => {
    await answering(new Date(Date.now() - 600_000), async url => {
      const { code, says } = await findingsIn({ WEBHOOKS_PUBLIC_URL: url })
      assert.match(says('clock'), /^bad: it is \d+ s ahead of the public URL’s/)
      assert.equal(code, 1)
    })
    const { says } = await findingsIn({ WEBHOOKS_PUBLIC_URL: 'http://127.0.0.1:1' })
    assert.match(says('public URL'), /^bad: nothing answers there/)
  })

  test('finds a store that is down, and shows no password', async () => {
    const { code, says } = await findingsIn({ WEBHOOKS_STORE: 'postgres://me:hunter22@127.0.0.1:1/db' })
    assert.equal(code, 1)
    assert.match(says('store'), /^bad: /)
    assert.ok(!says('store').includes('hunter22'))
    assert.match(
      (await findingsIn({ WEBHOOKS_STORE: 'sqlite:missing.db' })).says('store'),
      /^look: There is no file missing\.db/
    )
  })
})
