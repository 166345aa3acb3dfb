import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { Serving } from './serving.ts'
import { FakeStore, FakeTerminal, Folder } from './terminal.ts'

const folder = new Folder()
const SECRET = 'a-secret-for-the-tests'
const env = {
  WEBHOOKS_GITHUB_SECRET: SECRET,
  WEBHOOKS_GITHUB_SECRETS: `acme=${SECRET}-of-acme`,
  WEBHOOKS_DISCORD_SECRET: '1'.repeat(64),
  WEBHOOKS_MAILCHIMP_SECRET: 'a-code-for-the-url-of-32-letters-'
}

let serving: Serving
before(async () => {
  serving = await Serving.start(['serve'], env)
})
after(async () => {
  await serving.stop()
  folder.remove()
})

const send = (line: readonly string[], more: object = {}) =>
  new FakeTerminal().run(['send', ...line, '--to', serving.url], { ...env, ...more })

describe('send reaches serve', () => {
  test('with a sample', async () => {
    const { code, out } = await send(['github', 'issues.opened'])
    assert.equal(code, 0)
    assert.match(out, /^200 OK {2}in \d+ ms\n$/)
    assert.match(serving.terminal.out, /^github {2}issues\.opened {2}octo-org\/octo-repo#1347 {2}[0-9a-f-]{36}$/m)
  })

  test('with a body to the byte, at an instance, with a header', async () => {
    const data = folder.write('push.json', '{ "ref":"refs/heads/main","repository":{"full_name":"octo/own"} }\n')
    const { code } = await send([
      'github',
      'push',
      '--data',
      data,
      '--id',
      'acme',
      '--header',
      'X-GitHub-Delivery: d-9'
    ])
    assert.equal(code, 0)
    assert.match(serving.terminal.out, /^github\/acme {2}push {2}octo\/own {2}d-9$/m)
  })

  test('through a tunnel on this machine, whose word on HTTPS counts', async () => {
    const through = (protocol: string) => [
      ...['mailchimp', 'subscribe', '--header', `x-forwarded-proto: ${protocol}`],
      ...['--header', 'x-forwarded-for: 203.0.113.7']
    ]
    assert.match((await send(through('https'))).out, /^200 /)
    assert.match((await send(through('http'))).out, /^403 /)
    assert.match(serving.terminal.out, /^mailchimp {2}refused with 403: https-required$/m)
  })

  test('and tells when it is refused, here and there', async () => {
    const { code, out, err } = await send(['github', 'push'], { WEBHOOKS_GITHUB_SECRET: 'another-secret-here' })
    assert.deepEqual([code, err], [1, 'posthorn: The server did not accept it: its log says why.\n'])
    assert.match(out, /^401 Unauthorized /)
    assert.match(serving.terminal.out, /^github {2}refused with 401: signature-mismatch$/m)
  })

  test('for programs', async () => {
    const { status, ms } = JSON.parse((await send(['github', 'push', '--json'])).out)
    assert.deepEqual([status, typeof ms], [200, 'number'])
  })

  test('as the curl command that it prints', async () => {
    const { out } = await send(['github', 'push', '--curl', '--header', "x-odd: it's"])
    const { stdout } = await promisify(execFile)('bash', ['-c', `${out.trim()} --silent --include --max-time 10`])
    assert.match(stdout, /^HTTP\/1\.1 200/)
  })
})

test('serve stores, and sends on', async () => {
  const got: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const target = createServer((request, answer) => {
    got.push(String(request.headers['posthorn-event']))
    answer.end()
    resolve()
  })
  await new Promise<void>(done => target.listen(0, '127.0.0.1', done))
  const fake = new FakeStore()
  const to = `http://127.0.0.1:${(target.address() as AddressInfo).port}/hook`
  const other = await Serving.start(['serve', 'github', '--json', '--to', to], { ...env, ...fake.env })
  try {
    const { code } = await new FakeTerminal().run(['send', 'github', 'push', '--to', other.url], env)
    assert.equal(code, 0)
    await promise
    assert.equal(JSON.parse(other.terminal.out.split('\n')[0]!).event, 'push')
  } finally {
    assert.equal((await other.stop()).code, 0)
    target.closeAllConnections()
    target.close()
  }
  assert.deepEqual(got, ['push'])
  const stats = JSON.parse((await fake.posthorn('inbox stats --json')).out)
  assert.equal(stats.states.done, 1)
})

describe('what is asked wrongly', () => {
  const lines: [line: string[], says: RegExp][] = [
    [['send'], /Which receiver\?/],
    [['send', 'github'], /Which event\? There are samples of push, /],
    [['send', 'github', 'push', '--to', 'ftp://x'], /--to is an http or https URL/],
    [['send', 'github', 'push', '--data', '/nowhere/x.json'], /Cannot read \/nowhere\/x\.json \(ENOENT\)/],
    [['send', 'github', 'push', '--header', 'odd'], /--header is 'name: value'/],
    [['send', 'github', 'push', '--id', 'nobody'], /no instance nobody, only the unnamed one, acme/],
    [['send', 'slack', 'message'], /^posthorn: slack has no instance: set WEBHOOKS_SLACK_SECRET, .*\.\n$/],
    [['serve', 'nobody'], /There is no receiver nobody/],
    [['serve', '--port', 'x'], /--port, or PORT, is a number/]
  ]
  for (const [line, says] of lines) {
    test(`${line.join(' ')} ends with 2`, async () => {
      const { code, err } = await new FakeTerminal().run(line, env)
      assert.match(err, says)
      assert.equal(code, 2)
    })
  }

  test('serve without any secret says what to set', async () => {
    const { code, err } = await new FakeTerminal().run(['serve'], {})
    assert.match(err, /None of the \d+ receivers has a secret in this environment, such as WEBHOOKS_GITHUB_SECRET/)
    assert.equal(code, 2)
  })
})

describe('what fails', () => {
  const lines: [line: string[], says: RegExp][] = [
    [['send', 'github', 'fork'], /there is no sample of it, only of push/],
    [['send', 'discord', 'APPLICATION_AUTHORIZED'], /only the provider can sign it/],
    [
      ['send', 'github', 'push', '--to', 'http://127.0.0.1:1'],
      /No answer from http:\/\/127\.0\.0\.1:1 \(\w+\)\. Is the server running\?/
    ]
  ]
  for (const [line, says] of lines) {
    test(`${line.join(' ')} ends with 1, and no secret`, async () => {
      const { code, err } = await new FakeTerminal().run(line, env)
      assert.match(err, says)
      assert.equal(code, 1)
      assert.ok(!err.includes(SECRET))
    })
  }
})
