import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { bitbucket } from '../../receivers/bitbucket.ts'
import { github } from '../../receivers/github.ts'
import { slack } from '../../receivers/slack.ts'
import { fromMessage, toMessage } from '../../src/cli/message.ts'
import type { WebhookRequest } from '../../src/receiver.ts'
import { signedRequest } from '../../src/testing/signed-request.ts'
import { Serving } from './serving.ts'
import { FakeTerminal, Folder } from './terminal.ts'

const folder = new Folder()
after(() => folder.remove())
const SECRET = 'a-secret-for-the-tests'
const NOW = new Date('2026-03-01T12:00:00.123Z')
const env = {
  WEBHOOKS_GITHUB_SECRET: SECRET,
  WEBHOOKS_GITHUB_SECRETS: 'acme=the-secret-of-acme',
  WEBHOOKS_SLACK_SECRET: `${SECRET}-of-slack`
}

describe('a request in a file', () => {
  test('comes back to the byte', () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    for (const body of [every, Buffer.from('\r\n\r\n{}\n'), Buffer.alloc(0)]) {
      const request: WebhookRequest = {
        method: 'POST',
        url: 'https://api.example.com/hook?code=a%20b',
        headers: { 'x-one': 'caf\u00e9: yes', 'x-two': ['1', '2'], 'x-empty': '' },
        body,
        address: '203.0.113.7'
      }
      assert.deepEqual(fromMessage(toMessage(request, NOW), 'x'), { request, receivedAt: NOW })
    }
  })

  test('may be written by hand', () => {
    const { request, receivedAt } = fromMessage(Buffer.from('POST /hook HTTP/1.1\nHost: a.example\nX-A:1\n\n{}\n'), 'x')
    assert.deepEqual(
      [request.url, request.headers['x-a'], String(request.body)],
      ['https://a.example/hook', '1', '{}\n']
    )
    assert.equal(receivedAt, undefined)
  })

  test('that is none is refused with what it lacks', () => {
    for (const [text, says] of [
      ['', /an empty line/],
      ['{"json": true}\n\n', /POST <url> HTTP\/1\.1 as its first line/],
      ['POST https://a.example/\n\n', undefined],
      ['POST a.example HTTP/1.1\n\n', /as its first line/],
      ['POST / HTTP/1.1\nno header\n\n', /name: value/]
    ] as const) {
      const read = () => fromMessage(Buffer.from(text), 'odd.http')
      if (says === undefined) read()
      else assert.throws(read, says)
    }
  })
})

describe('capture and replay', () => {
  const captured = join(folder.path, 'captured')
  let serving: Serving
  before(async () => {
    serving = await Serving.start(['capture', captured], {})
  })
  after(() => serving.stop())

  test('a request that was sent is in the file, which only its owner may read', async () => {
    const { code } = await new FakeTerminal().run(['send', 'github', 'push', '--to', serving.url], env)
    assert.equal(code, 0)
    const [file] = readdirSync(captured)
    assert.equal(file, '0001-github.http')
    assert.equal(statSync(join(captured, file)).mode & 0o777, 0o600)
    const { request } = fromMessage(readFileSync(join(captured, file)), file)
    assert.equal(request.url, `${serving.url}/api/webhooks/incoming/github`)
    assert.deepEqual([request.headers['x-github-event'], request.address], ['push', '127.0.0.1'])
    const verified = await new FakeTerminal().run(['verify', 'github', join(captured, file)], env)
    assert.equal(verified.code, 0, verified.err)
  })

  test('replayed, it arrives as the same', async () => {
    const file = join(captured, '0001-github.http')
    const { code } = await new FakeTerminal().run(['replay', file, '--to', serving.url], {})
    assert.equal(code, 0)
    const [one, two] = ['0001-github.http', '0002-github.http'].map(
      name => fromMessage(readFileSync(join(captured, name)), name).request
    )
    assert.deepEqual(two!.body, one!.body)
    assert.equal(two!.headers['x-hub-signature-256'], one!.headers['x-hub-signature-256'])
    assert.equal(two!.url, one!.url)
  })

  test('a second capture writes over nothing', async () => {
    const again = await Serving.start(['capture', captured], {})
    const file = join(captured, '0001-github.http')
    await new FakeTerminal().run(['replay', file, '--to', again.url], {})
    await again.stop()
    assert.ok(readdirSync(captured).includes('0003-github.http'))
  })

  test('what can’t be kept is answered with 500, and told', async () => {
    const gone = join(folder.path, 'gone')
    const other = await Serving.start(['capture', gone], {})
    rmSync(gone, { recursive: true })
    const { code, out } = await new FakeTerminal().run(['send', 'github', 'push', '--to', other.url], env)
    assert.deepEqual([code, out.slice(0, 3)], [1, '500'])
    assert.match(other.terminal.err, /Not kept: ENOENT/)
    assert.equal((await other.stop()).code, 0)
  })

  test('as curl, a body that is no text is kept too', async () => {
    const request = { method: 'POST', url: 'http://localhost/x', headers: {}, body: Buffer.from([0, 255]) }
    const file = join(folder.path, 'binary.http')
    writeFileSync(file, toMessage(request, NOW))
    const { out } = await new FakeTerminal().run(['replay', file, '--curl'], {})
    assert.match(
      out,
      /^echo AP8= \| base64 -d \| curl --request POST 'http:\/\/localhost\/x' \\\n {2}--data-binary @-\n$/
    )
  })
})

describe('verify', () => {
  const written = (name: string, request: WebhookRequest, at = NOW): string => {
    const path = join(folder.path, name)
    writeFileSync(path, toMessage(request, at))
    return path
  }
  const verify = (...line: readonly string[]) => new FakeTerminal().run(['verify', ...line], env)
  const push = () => signedRequest(github, 'push', undefined, { secret: SECRET, now: NOW })

  test('says what an accepted one is', async () => {
    const { code, out } = await verify('github', written('good.http', await push()))
    assert.equal(code, 0)
    assert.match(out, /^accepted\n {2}event +push\n/)
  })

  test('judges as of the time that it came, or another', async () => {
    const file = written(
      'slack.http',
      await signedRequest(slack, 'message', undefined, { secret: env.WEBHOOKS_SLACK_SECRET, now: NOW })
    )
    assert.equal((await verify('slack', file)).code, 0)
    const { code, out } = await verify('slack', file, '--at', '2026-03-01T13:00:00Z')
    assert.equal(code, 1)
    assert.match(
      out,
      /^refused at stage proof: .*\(timestamp-outside-tolerance\)\n {2}It was signed 3600 seconds before it came/
    )
  })

  const changes: [what: string, change: (request: WebhookRequest) => WebhookRequest, says: RegExp][] = [
    [
      'no signature',
      r => ({ ...r, headers: { 'x-github-event': 'push' } }),
      /\(signature-missing\)\n.*no proof in the header x-hub-signature-256/
    ],
    [
      'a body that was written anew',
      r => ({ ...r, body: Buffer.from(JSON.stringify(JSON.parse(String(r.body)), null, 2)) }),
      /\(signature-mismatch\)\n.*proves itself with the JSON of the body written in another way/
    ],
    [
      'a line break at its end',
      r => ({
        ...r,
        body: Buffer.from(`${r.body}\n`),
        headers: { ...r.headers, 'content-length': String(r.body.length) }
      }),
      /1 byte more than content-length/
    ]
  ]
  for (const [what, change, says] of changes) {
    test(`tells ${what}`, async () => {
      const { code, out, err } = await verify('github', written('changed.http', change(await push())))
      assert.deepEqual([code, err], [1, 'posthorn: github refuses this request.\n'])
      assert.match(out, says)
    })
  }

  test('tells whose secret it was, without the secret', async () => {
    const request = await signedRequest(github, 'push', undefined, { secret: 'the-secret-of-acme', now: NOW })
    const { out, err } = await verify('github', written('acme.http', request))
    assert.match(out, /with the secret of the instance acme of github/)
    for (const secret of [SECRET, 'the-secret-of-acme']) assert.ok(!`${out}${err}`.includes(secret))
    const named = written('named.http', { ...request, url: 'https://a.example/api/webhooks/incoming/github/acme' })
    assert.equal((await verify('github', named)).code, 0)
  })

  test('tells when it was meant for another receiver that is set up here', async () => {
    const secrets = {
      WEBHOOKS_BITBUCKET_SECRET: 'one-secret-of-the-two',
      WEBHOOKS_BITBUCKET_SERVER_SECRET: 'other-secret-of-the-two'
    }
    const secret = secrets.WEBHOOKS_BITBUCKET_SERVER_SECRET
    const request = await signedRequest(bitbucket, 'repo:push', undefined, { secret, now: NOW })
    const file = written('meant.http', request)
    const { code, out } = await new FakeTerminal().run(['verify', 'bitbucket', file], secrets)
    assert.equal(code, 1)
    assert.match(out, /with the secret of the unnamed instance of bitbucket-server/)
  })

  test('tells programs', async () => {
    const file = written('json.http', { ...(await push()), body: Buffer.from('{}') })
    const { outcome, stage, reason, hints } = JSON.parse((await verify('github', file, '--json')).out)
    assert.deepEqual([outcome, stage, reason, hints.length], ['rejected', 'proof', 'signature-mismatch', 1])
  })

  test('wants one file that is a request', async () => {
    for (const line of [['github'], ['github', 'a', 'b'], ['github', '/nowhere.http']])
      assert.equal((await verify(...line)).code, 2)
  })
})
