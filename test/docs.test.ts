/** What the documentation says is what happens: its examples run, its tables are fresh. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import { Retry } from 'posthorn'
import { stripe } from 'posthorn/receivers/stripe'
import { generated } from '../docs/generate.ts'
import { coversId, documentedReceivers, typedEvents } from '../docs/receiver-facts.ts'
import { notesOf, parseNotes } from '../docs/receiver-notes.ts'
import { isNone } from '../docs/receiver-page.ts'
import { receive } from '../src/receive.ts'
import { clockOf, credentialsOf, toRequest } from '../src/testing/vector.ts'
import { signedPush } from './plugin/app.ts'

const root = new URL('../', import.meta.url)
const readme = read('README.md')
const running: ChildProcess[] = []
const folder = mkdtempSync(join(tmpdir(), 'posthorn-docs-'))
const fresh = (name: string) => join(folder, name)
after(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}

/** Starts an example in an empty folder, where it keeps its database, and gives what it has printed once that matches. */
async function start(file: string, env: object, until: RegExp): Promise<{ child: ChildProcess; printed: string }> {
  const environment = { PATH: process.env.PATH, ...env }
  const script = fileURLToPath(new URL(file, root))
  const child = spawn(process.execPath, [script], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  let printed = ''
  const listen = (chunk: Buffer): void => {
    printed += chunk
    if (until.test(printed)) child.emit('ready')
  }
  child.stdout!.on('data', listen)
  child.stderr!.on('data', listen)
  await Promise.race([once(child, 'ready'), once(child, 'exit').then(() => assert.fail(`${file} ended:\n${printed}`))])
  return { child, printed }
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
}

function run(command: string): string {
  return execFileSync('bash', ['-c', command], { encoding: 'utf8' })
}

test('generated parts are fresh; `node docs/generate.ts` makes them so', async () => {
  for (const [path, text] of await generated())
    assert.equal(read(path), text, `${path} is stale: node docs/generate.ts`)
})

test('every TypeScript block is a file, or the list of options', () => {
  for (const path of [
    'README.md',
    'docs/own-receiver.md',
    'docs/handlers.md',
    'docs/configuration.md',
    'docs/security.md',
    'docs/architecture.md',
    'docs/inbox.md',
    'docs/cli.md',
    'docs/hosts.md',
    'docs/coming-from.md',
    'docs/testing.md'
  ]) {
    for (const [, info] of read(path).matchAll(/^```ts(.*)$/gm))
      assert.match(info!, /^ (?:file=\S+|options)$/, `${path}: \`\`\`ts${info}`)
  }
})

test('the options block lists every option, and only those', () => {
  const declared = /export interface WebhooksOptions \{([\s\S]*?)\n\}/.exec(read('src/options.ts'))![1]!
  const names = [...declared.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(match => match[1]!)
  const block = /```ts options\n([\s\S]*?)```/.exec(readme)![1]!
  const listed = [...block.matchAll(/^ {2}(\w+):/gm)].map(match => match[1]!)
  assert.deepEqual(listed, names)
})

test('links inside the documentation lead somewhere', () => {
  for (const [path, text] of [
    ['README.md', readme],
    ...[
      'errors',
      'configuration',
      'own-receiver',
      'handlers',
      'security',
      'architecture',
      'receivers',
      'inbox',
      'cli',
      'hosts',
      'testing'
    ].map(name => [`docs/${name}.md`, read(`docs/${name}.md`)])
  ]) {
    for (const [, target] of text!.matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      read(new URL(target!, new URL(path!, root)).pathname.slice(root.pathname.length))
  }
})

describe('the pages of receivers', async () => {
  const documented = await documentedReceivers()
  const page = read('docs/receivers.md')
  const byName = (name: string) => documented.find(({ receiver }) => receiver.name === name)!

  test('there is one for each, and both tables lead to it', () => {
    for (const { receiver } of documented) {
      assert.ok(page.includes(`\n## ${receiver.name}\n`), receiver.name)
      assert.ok(page.includes(`](#${receiver.name})`), receiver.name)
      assert.ok(readme.includes(`](docs/receivers.md#${receiver.name})`), receiver.name)
    }
  })

  test('what the notes call none is never there, and the rest is, in some request', async () => {
    const fields = { id: 'id', time: 'occurredAt', subject: 'subject', account: 'account' } as const
    for (const { receiver, vectors } of documented) {
      const outcomes = await Promise.all(
        vectors.map(vector => receive(receiver, '', toRequest(vector), credentialsOf(vector), clockOf(vector)))
      )
      const deliveries = outcomes.flatMap(outcome => (outcome.kind === 'accepted' ? outcome.deliveries : []))
      const { names } = notesOf(receiver)
      for (const [name, field] of Object.entries(fields)) {
        const found = deliveries.some(delivery => delivery[field] !== undefined)
        assert.equal(isNone(names.get(name)), !found, `docs/receivers/${receiver.name}.md: ${name}`)
      }
    }
  })

  test('an id in a header that nobody signs is told from one in the body', async () => {
    assert.equal(await coversId(byName('github')), false)
    assert.equal(await coversId(byName('twilio')), false)
    assert.equal(await coversId(byName('trello')), true)
    assert.equal(await coversId(byName('mailchimp')), false)
  })

  test('typed events are those of the map, with their patterns', () => {
    const { names, open } = typedEvents(byName('slack'))
    assert.ok(names.includes('message') && names.includes('/…') && !names.includes('type') && open)
    assert.deepEqual(typedEvents(byName('dropbox')), { names: ['change'], open: false })
    assert.deepEqual(typedEvents(byName('generic-form')), { names: [], open: true })
    assert.deepEqual(typedEvents(byName('generic-json')), { names: [], open: false })
  })

  test('notes that lack something, or tell of what is not there, are refused with the reason', () => {
    const { receiver } = byName('github')
    const notes = read('docs/receivers/github.md')
    assert.equal(parseNotes(receiver, notes).provider, 'GitHub')
    for (const [find, replace, reason] of [
      [/^# GitHub/, 'GitHub', /must begin with the provider’s name/],
      [/^## Traps[\s\S]*/m, '', /has the headings .*Names; needs .*Names, Traps/],
      [/^## Set up[\s\S]*?(?=^## )/m, '## Set up\n\n', /says nothing under Set up/],
      [/^- allow-sha1: [\s\S]*?(?=^## )/m, '\n', /has secret under Environment; needs secret, allow-sha1/],
      [/^- account: /m, '- owner: ', /has event, .*owner under Names; needs event, .*account/],
      [/^## Handshakes\n/m, '## Handshakes\n\n- another', /tells of 2 handshakes, the receiver has 1/],
      [/^## Set up/m, '- size: what it says\n\n## Set up', /has size under Proof; it may have body, time, url/],
      [/^## Traps\n/m, '## Traps\n\n- [here](security.md)', /has a link that is no https: one: \]\(security\.md\)/]
    ] as const) {
      const changed = notes.replace(find, replace)
      assert.notEqual(changed, notes, String(find))
      assert.throws(() => parseNotes(receiver, changed), reason)
    }
    assert.throws(() => notesOf({ ...receiver, name: 'nobody' }), /docs\/receivers\/nobody\.md is missing/)
  })
})

describe('the quick start', () => {
  test('is a server file of at most 15 lines', () => {
    assert.ok(read('docs/examples/quick-start.ts').trimEnd().split('\n').length <= 15)
  })

  test('runs, and the README’s curl reaches it', async () => {
    const env = { WEBHOOKS_GITHUB_SECRET: "It's a Secret to Everybody", PORT: '0' }
    const { child, printed } = await start(
      'docs/examples/quick-start.ts',
      env,
      /listening at http:\/\/127\.0\.0\.1:\d+/
    )
    const port = /127\.0\.0\.1:(\d+)/.exec(printed)![1]!
    const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
      .map(match => match[1]!)
      .find(block => block.includes('openssl'))!
    assert.match(run(commands.replace('3000', port)), /^HTTP\/1\.1 200/)
    assert.match(
      run(commands.replace('3000', port).replace('--data-raw "$body"', '--data-raw "$body "')),
      /^HTTP\/1\.1 401/
    )
    child.kill()
  })
})

describe('npm start', () => {
  test('sends itself a sample of each, prints curl lines that work, and stops by itself', async () => {
    const { child, printed } = await start(
      'docs/examples/first-run.ts',
      { PORT: '0', FILE: fresh('first-run.db') },
      /Ctrl\+C/
    )
    for (const [receiver, event] of [
      ['github', 'issues.opened'],
      ['stripe', 'invoice.paid'],
      ['slack', '/weather']
    ]) {
      assert.match(printed, new RegExp(`handled {3}${receiver} {2}${event}`))
    }
    assert.equal([...printed.matchAll(/answered {2}200/g)].length, 3)
    const lines = printed.split('\n').filter(line => line.startsWith('curl '))
    assert.equal(lines.length, 3)
    for (const line of lines) assert.match(run(line), /^HTTP\/1\.1 200/)
    await stop(child)
  })

  test('uses secrets from the environment, and makes none up then', async () => {
    const secret = 'a-secret-of-the-environment'
    const env = {
      PORT: '0',
      FILE: fresh('secrets.db'),
      WEBHOOKS_GITHUB_SECRET: secret,
      WEBHOOKS_STRIPE_SECRET: secret,
      WEBHOOKS_SLACK_SECRET: secret
    }
    const { child, printed } = await start('docs/examples/first-run.ts', env, /Ctrl\+C/)
    assert.ok(!printed.includes('throw-away') && !printed.includes(secret))
    await stop(child)
  })
})

test('credentials come from an object or a function', async () => {
  const { fromTable, fromTenants } = await import('../docs/examples/credentials.ts')
  const secrets = { current: 'the-current-secret-1', previous: 'the-previous-secret-1', token: 'a-verify-token' }

  const table = Fastify()
  await fromTable(table, secrets)
  for (const secret of [secrets.current, secrets.previous]) {
    assert.equal((await table.inject(await signedPush({ secret }))).statusCode, 200)
  }
  const tenants = Fastify()
  await fromTenants(tenants, {
    find: async (_receiver, id) => (id === 'acme' ? { secret: secrets.current, verifyToken: secrets.token } : undefined)
  })
  const url = '/api/webhooks/incoming/github'
  assert.equal(
    (await tenants.inject(await signedPush({ url: `${url}/acme`, secret: secrets.current }))).statusCode,
    200
  )
  assert.equal((await tenants.inject(await signedPush({ url, secret: secrets.current }))).statusCode, 404)
})

test('the orders of the inbox’s example are shipped once, though the mail fails at first', async () => {
  const { keepOrders } = await import('../docs/examples/inbox.ts')
  const secret = 'whsec_of_the_documentation'
  process.env.WEBHOOKS_STRIPE_SECRET = secret
  const app = Fastify()
  const shipped: string[] = []
  const mails: string[] = []
  const shop = {
    async ship(order: string) {
      shipped.push(order)
      return { parcel: `p-${shipped.length}` }
    },
    async sendMail(_order: string, parcel: string) {
      mails.push(parcel)
      if (mails.length === 1) throw new Retry({ after: 0 })
    }
  }
  await keepOrders(app, shop, fresh('orders.db'))
  const body = JSON.stringify({ id: 'evt_1', type: 'invoice.paid', data: { object: { id: 'in_1' } } })
  const url = '/api/webhooks/incoming/stripe'
  const unsigned = { method: 'POST', url, headers: {}, body: Buffer.from(body) }
  const { headers } = await stripe.scheme.sign!(unsigned, secret, new Date())
  const sent = { method: 'POST' as const, url, payload: body, headers: headers as Record<string, string> }
  assert.equal((await app.inject(sent)).statusCode, 200)
  await app.webhooks.inbox!.drain()
  assert.deepEqual([shipped, mails], [['in_1'], ['p-1', 'p-1']])
  await app.close()
  delete process.env.WEBHOOKS_STRIPE_SECRET
})

test('the receiver with handshakes answers them', async () => {
  const { beacon } = await import('../docs/examples/handshakes.ts')
  const { receive } = await import('../src/receive.ts')
  const secret = 'a-token-of-at-least-32-characters'
  const credentials = { secrets: [secret], settings: {}, fetch }
  const ask = (method: string, url: string, body: string, token: string = secret) =>
    receive(
      beacon,
      '',
      { method, url, headers: { 'x-beacon-token': token }, body: Buffer.from(body) },
      credentials,
      new Date()
    )
  assert.equal((await ask('GET', 'https://x.example/?challenge=abc', '')).reply.body, 'abc')
  assert.equal((await ask('GET', 'https://x.example/', '')).reply.status, 400)
  assert.equal((await ask('POST', 'https://x.example/', '{"type":"ping"}')).kind, 'answered')
  assert.equal((await ask('POST', 'https://x.example/', '{"type":"ping"}', 'wrong')).kind, 'rejected')
  assert.equal((await ask('POST', 'https://x.example/', '{"type":"order.paid"}')).kind, 'accepted')
})

test('the handlers of the README handle', async () => {
  const { receiveWebhooks } = await import('../docs/examples/handlers.ts')
  const app = Fastify()
  const secret = 'a-secret-for-the-tests'
  const before = { ...process.env }
  Object.assign(process.env, {
    WEBHOOKS_GITHUB_SECRET: secret,
    WEBHOOKS_SLACK_SECRET: secret,
    WEBHOOKS_STRIPE_SECRET: secret
  })
  try {
    const paid: string[] = []
    const orders = { markPaid: async (invoice: string) => void paid.push(invoice), noteRefund: async () => {} }
    await receiveWebhooks(app, orders)
    assert.equal((await app.inject(await signedPush({ secret }))).statusCode, 200)

    const { stripe } = await import('../receivers/stripe.ts')
    const body = Buffer.from(
      JSON.stringify({ id: 'evt_1', object: 'event', type: 'invoice.paid', data: { object: { id: 'in_1' } } })
    )
    const request = { method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, body }
    const signed = await stripe.scheme.sign!(request, secret, new Date())
    const url = '/api/webhooks/incoming/stripe'
    assert.equal(
      (await app.inject({ method: 'POST', url, headers: signed.headers as any, payload: body })).statusCode,
      200
    )
    assert.deepEqual(paid, ['in_1'])
  } finally {
    process.env = before
    await app.close()
  }
})

test('the providers of the example hear what they read', async () => {
  const { answerProviders } = await import('../docs/examples/answers.ts')
  const { cloudpayments, line, telegram, vk } = {
    ...(await import('../receivers/cloudpayments.ts')),
    ...(await import('../receivers/line.ts')),
    ...(await import('../receivers/telegram.ts')),
    ...(await import('../receivers/vk.ts'))
  }
  const app = Fastify()
  const before = { ...process.env }
  for (const { name } of [cloudpayments, line, telegram, vk]) {
    process.env[`WEBHOOKS_${name.toUpperCase()}_SECRET`] = 'a-secret-of-at-least-32-characters'
  }
  process.env.WEBHOOKS_VK_CONFIRMATION = 'c0nf1rm'
  try {
    const told: string[] = []
    const noted: string[] = []
    await answerProviders(app, {
      awaits: async invoice => invoice === 'unknown',
      tellOnLine: async ({ replyToken }) => void told.push(replyToken),
      note: async text => void noted.push(text)
    })
    const greeted = await app.webhooks.inject(telegram, 'message')
    assert.equal(JSON.parse(greeted.body).method, 'sendMessage')
    const checked = await app.webhooks.inject(cloudpayments, 'check')
    assert.deepEqual([checked.status, checked.body], [200, '{"code":10}'])
    assert.equal((await app.webhooks.inject(line, 'message')).status, 200)
    assert.equal(told.length, 1)
    assert.equal((await app.webhooks.inject(vk, 'message_new')).body, 'ok')
    assert.equal(noted.length, 1)
  } finally {
    process.env = before
    await app.close()
  }
})
