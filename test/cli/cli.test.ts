import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { github } from '../../receivers/github.ts'
import { commands } from '../../src/cli/commands.ts'
import { Inbox } from '../../src/inbox/inbox.ts'
import type { Store } from '../../src/store/store.ts'
import { credentials, fill, pushRequest, receivers, recordingLog, SECRET, settleAll } from '../inbox/stored.ts'
import { FakeStore, FakeTerminal, Folder } from './terminal.ts'

const fake = new FakeStore()
const folder = new Folder()
after(() => folder.remove())

const root = new URL('../../', import.meta.url)
const app = folder.write(
  'app.ts',
  `import { github } from '${new URL('receivers/github.ts', root)}'
export default { receivers: [github] }`
)

/** Numbers of deliveries: two are dead, one of Stripe is done, one waits. Beside them are two refused requests. */
let [first, paid, second, waiting] = [0, 0, 0, 0]

before(() =>
  fake.with(async (store, pepper) => {
    const now = store.now()
    const error = 'it is\u001b[31m broken'
    first = await stored(store, {
      event: 'issues.opened',
      id: 'a',
      key: 'a',
      subject: 'octo/hello#1',
      receivedAt: now - 7_200_000
    })
    await settleAll(store, {
      state: 'dead',
      error,
      progress: '{"done":["label"],"steps":{"label":{"find":1}}}',
      history: JSON.stringify([
        { attempt: 1, outcome: 'lapsed', handlers: [] },
        {
          attempt: 2,
          worker: 'host:1:abc',
          startedAt: now,
          endedAt: now + 12,
          outcome: 'dead',
          handlers: [
            { name: 'label', ms: 3, outcome: 'done' },
            { name: 'deploy', ms: 9, outcome: 'failed', error }
          ]
        }
      ])
    })
    paid = await stored(store, { receiver: 'stripe', instance: 'acme', event: 'invoice.paid', receivedAt: now - 1000 })
    await settleAll(store, { state: 'done' })
    second = await stored(store, { receivedAt: now - 1000 })
    await settleAll(store, { state: 'dead', error: 'broken too' })
    waiting = await stored(store, { event: 'push', receivedAt: now - 1000 })

    const inbox = new Inbox({ store, receivers, pepper: () => pepper, log: recordingLog().log })
    const headers = { 'x-github-event': 'push', 'x-github-delivery': 'refused-at-first' }
    const request = pushRequest({ headers })
    const signed = await github.scheme.sign!(request, SECRET, new Date())
    inbox.rejected.keep(github, '', 'proof', 'signature-mismatch', signed, credentials('another-secret-here'))
    inbox.rejected.keep(github, '', 'proof', 'signature-missing', pushRequest(), credentials(SECRET))
    await inbox.rejected.close()
  })
)

const stored = async (...[store, delivery]: [Store, Parameters<typeof fill>[1][number]]) =>
  (await fill(store, [delivery]))[0]!
const seqsOf = (out: string) => JSON.parse(out).deliveries.map(({ seq }: { seq: number }) => seq)
const stateOf = (seq: number) => fake.with(async store => (await store.get(seq))!.state)

describe('help', () => {
  test('is what one gets by saying nothing, or help', async () => {
    for (const line of [[], ['help'], ['--help'], ['-h']]) {
      const { code, out } = await new FakeTerminal().run(line)
      assert.equal(code, 0)
      for (const name of commands.keys()) assert.ok(out.includes(name), name)
    }
    const { out } = await new FakeTerminal().run(['inbox'])
    assert.ok(out.includes('inbox replay') && !out.includes('\n  work'))
  })

  test('of a command shows its options, and examples that it understands', async () => {
    for (const [name, command] of commands) {
      const { code, out } = await new FakeTerminal().run([...name.split(' '), '--help'])
      assert.equal(code, 0)
      assert.ok(out.startsWith(`Usage: posthorn ${name}`), name)
      assert.ok(command.examples.length > 0, name)
      for (const [line] of command.examples) {
        const words = line
          .split(' | ')[0]!
          .split(' ')
          .map(word => word.replaceAll("'", ''))
        assert.equal((await new FakeTerminal().run([...words, '--help'])).code, 0, line)
      }
      for (const option of Object.keys(command.options)) assert.ok(out.includes(`--${option}`), `${name} --${option}`)
    }
  })
})

describe('what is asked wrongly', () => {
  const lines: [line: string, says: RegExp][] = [
    ['inbox lost', /There is no command inbox lost\. There are: .*inbox list, /],
    ['outbox', /There is no command outbox/],
    ['inbox list --stat dead', /Unknown option '--stat'\. See posthorn inbox list --help\./],
    ['inbox list extra', /extra/],
    ['inbox list --state lost', /--state is one of waiting, /],
    ['inbox list --since yesterday', /--since is a time such as/],
    ['inbox list --limit many', /--limit is a whole number/],
    ['inbox list --store somewhere', /its address must be like sqlite:/],
    ['inbox list --store sqlite:missing.db', /There is no file missing\.db/],
    ['inbox show', /Which delivery\?/],
    ['inbox show first', /number/],
    ['inbox replay', /Which deliveries\?/],
    ['inbox replay 1 --state dead', /not both/],
    ['inbox replay 1 --from middle', /--from is one of start, failed/],
    ['inbox pause', /Which receiver\?/],
    ['inbox rejected 1 2', /One number/],
    ['inbox reverify 1', /Give --app/],
    [`inbox reverify --app ${app}`, /Which requests\?/],
    ['inbox describe 1', /Give --app/],
    ['inbox describe 1 --app missing.ts', /Cannot load missing\.ts/],
    ['inbox copy --from sqlite:a', /--from and --to/],
    ['inbox copy --from sqlite:a --to sqlite:a', /the same store/],
    ['work', /Which handlers\?/],
    [`work ${folder.write('empty.ts', 'export default {}')}`, /must export by default the options/]
  ]
  for (const [line, says] of lines) {
    test(`${line.replaceAll(folder.path, '…')} ends with 2 and one clear line`, async () => {
      const { code, out, err } = await fake.posthorn(line)
      assert.match(err, says)
      assert.deepEqual([code, out, err.split('\n').length], [2, '', 2])
    })
  }

  test('without a store says how to name one', async () => {
    const { code, err } = await new FakeTerminal().run(['inbox', 'list'])
    assert.equal(code, 2)
    assert.match(err, /WEBHOOKS_STORE.*--store/)
  })
})

test('the store may be named by a file, by one of both', async () => {
  const file = folder.write('address', `${fake.address}\n`)
  const { code, out } = await new FakeTerminal().run(['inbox', 'list'], { WEBHOOKS_STORE_FILE: file })
  assert.deepEqual([code, out.split('\n')[0]!.slice(0, 3)], [0, 'SEQ'])
  const both = await new FakeTerminal().run(['inbox', 'list'], { ...fake.env, WEBHOOKS_STORE_FILE: file })
  assert.equal(both.code, 2)
  assert.match(both.err, /WEBHOOKS_STORE and WEBHOOKS_STORE_FILE are both set/)
})

describe('what fails', () => {
  test('ends with 1 and one line', async () => {
    const { code, out, err } = await fake.posthorn('inbox show 999')
    assert.deepEqual([code, out, err], [1, '', 'posthorn: There is no delivery 999.\n'])
  })

  test('shows no password of the store', async () => {
    const { code, out, err } = await fake.posthorn('inbox list --store postgres://me:hunter22@127.0.0.1:1/db')
    assert.equal(code, 1)
    assert.ok(err !== '' && !`${out}${err}`.includes('hunter22'))
  })
})

describe('inbox list', () => {
  test('shows an aligned table, the newest first', async () => {
    const { code, out } = await fake.posthorn('inbox list')
    const lines = out.trimEnd().split('\n')
    assert.equal(code, 0)
    assert.match(lines[0]!, /^SEQ +STATE +RECEIVER +EVENT +SUBJECT +ID +ARRIVED +TRIES +ERROR$/)
    assert.deepEqual(
      lines.slice(1).map(line => line.split(/\s+/)[0]),
      [waiting, second, paid, first].map(String)
    )
    const at = lines[0]!.indexOf('RECEIVER')
    assert.deepEqual(
      lines.slice(1).map(line => line.slice(at).split(' ')[0]),
      ['github', 'github', 'stripe/acme', 'github']
    )
    assert.match(lines[4]!, /issues\.opened +octo\/hello#1 +a /)
  })

  test('filters', async () => {
    const seqs = async (line: string) => seqsOf((await fake.posthorn(`inbox list --json ${line}`)).out)
    assert.deepEqual(await seqs('--state dead'), [second, first])
    assert.deepEqual(await seqs('--state dead,done'), [second, paid, first])
    assert.deepEqual(await seqs('--state dead --state done'), [second, paid, first])
    assert.deepEqual(await seqs('--receiver stripe --instance acme'), [paid])
    assert.deepEqual(await seqs('--event issues.*'), [first])
    assert.deepEqual(await seqs('--since 1h'), [waiting, second, paid])
    assert.deepEqual(await seqs('--until 60m'), [first])
    assert.deepEqual(await seqs('--text octo/hello#1'), [first])
    assert.deepEqual(await seqs('--id a'), [first])
    const unnamed = await new FakeTerminal().run(['inbox', 'list', '--json', '--instance', ''], fake.env)
    assert.deepEqual(seqsOf(unnamed.out), [waiting, second, first])
  })

  test('pages, and says how to go on', async () => {
    const page = await fake.posthorn('inbox list --limit 3')
    assert.match(page.err, new RegExp(`--before ${paid}\\n`))
    const { out, err } = await fake.posthorn(`inbox list --limit 3 --before ${paid} --json`)
    assert.deepEqual([seqsOf(out), JSON.parse(out).next, err], [[first], null, ''])
  })

  test('is coloured and cut on a terminal only, and never with NO_COLOR', async () => {
    const terminal = await new FakeTerminal(60).run(['inbox', 'list'], fake.env)
    assert.ok(terminal.out.includes('\u001b[31mdead'))
    const bare = terminal.out.replaceAll(/\u001b\[\d+m/g, '')
    assert.ok(bare.split('\n').every(line => line.length <= 60))
    const plain = await new FakeTerminal(60).run(['inbox', 'list'], { ...fake.env, NO_COLOR: '1' })
    assert.equal(plain.out, bare)
    assert.ok(!(await fake.posthorn('inbox list')).out.includes('\u001b'))
  })

  test('says that nothing matches', async () => {
    const { code, out, err } = await fake.posthorn('inbox list --subject nothing')
    assert.deepEqual([code, out, err], [0, '', 'Nothing matches.\n'])
  })
})

describe('inbox show', () => {
  test('shows the delivery, what each handler did, and its request', async () => {
    const { code, out } = await fake.posthorn(`inbox show ${first}`)
    assert.equal(code, 0)
    assert.match(out, /^delivery \d+ {2}dead\n/)
    for (const line of [
      /receiver +github\n/,
      /subject +octo\/hello#1\n/,
      /done +label\n/,
      /steps +label: find\n/,
      /\n {2}1 {2}lapsed\n/,
      /\n {2}2 {2}dead {2}\S+Z {2}12 ms {2}host:1:abc\n/,
      /label +done in 3 ms\n/,
      /deploy +failed in 9 ms: it is broken\n/,
      /\n {2}POST https:\/\/example\.com\//,
      /\n {2}x-github-event: push\n/,
      /\n\{"ref":"refs\/heads\/main"/
    ]) {
      assert.match(out, line)
    }
    assert.ok(!out.includes('\u001b'), 'a stranger’s control characters reach the terminal')
  })

  test('prints the bare body, byte for byte', async () => {
    const { out } = await fake.posthorn(`inbox show ${first} --body`)
    assert.equal(out, Buffer.from(pushRequest().body).toString())
  })

  test('as JSON has everything, the body as text or base64', async () => {
    const entry = JSON.parse((await fake.posthorn(`inbox show ${first} --json`)).out)
    assert.deepEqual(entry.progress.done, ['label'])
    assert.equal(entry.history.length, 2)
    assert.equal(entry.request.body, Buffer.from(pushRequest().body).toString())
  })
})

describe('inbox replay', () => {
  test('without --yes counts and does nothing', async () => {
    const { code, out } = await fake.posthorn('inbox replay --state dead')
    assert.deepEqual([code, out], [0, '2 deliveries would be put back to work. Nothing was done: add --yes.\n'])
    assert.equal(await stateOf(first), 'dead')
    const { out: json } = await fake.posthorn(`inbox replay ${first} --json`)
    assert.deepEqual(JSON.parse(json), { count: 1, done: false })
  })

  test('with --yes does it, by numbers or a filter, and can be resumed by the id that it printed', async () => {
    const { out, err } = await fake.posthorn(`inbox replay ${second} --yes`)
    const [, id] = /by (r-\S+)\.\n$/.exec(out)!
    assert.match(out, /^1 delivery put back to work/)
    assert.ok(err.includes(`--resume ${id}`))
    assert.equal(await stateOf(second), 'waiting')
    const again = await fake.posthorn(`inbox replay ${first} ${second} --yes --json --resume ${id}`)
    assert.deepEqual(JSON.parse(again.out), { id, count: 1, done: true })
    assert.equal(await stateOf(first), 'waiting')
  })
})

describe('inbox stats, pause and resume', () => {
  test('counts by receiver and state', async () => {
    const { out } = await fake.posthorn('inbox stats')
    assert.match(out, /^RECEIVER +WAITING +RUNNING +DONE +DEAD +IGNORED\n/)
    assert.match(out, /\nstripe +0 +0 +1 +0 +0\n/)
    assert.match(out, /\noldest due +\S+Z, \d+ s ago\n/)
    assert.match(out, /\nrefused +1 × github: signature-mismatch\n/)
    assert.equal(JSON.parse((await fake.posthorn('inbox stats --json')).out).total, 4)
  })

  test('pauses and resumes a receiver, and wonders about one that nothing is known of', async () => {
    assert.equal((await fake.posthorn('inbox pause stripe')).out, 'stripe is paused.\n')
    assert.deepEqual(JSON.parse((await fake.posthorn('inbox stats --json')).out).paused, ['stripe'])
    const { out } = await fake.posthorn('inbox resume stripe --json')
    assert.deepEqual(JSON.parse(out), { receiver: 'stripe', paused: false })
    const { code, err } = await fake.posthorn('inbox pause strip')
    assert.deepEqual([code, err], [0, 'Nothing of strip is stored: is that its name?\n'])
    await fake.posthorn('inbox resume strip')
    assert.deepEqual(JSON.parse((await fake.posthorn('inbox stats --json')).out).paused, [])
  })
})

describe('inbox rejected and reverify', () => {
  test('lists what was refused with its hint, and shows one', async () => {
    const { out } = await fake.posthorn('inbox rejected')
    assert.match(out, /github +signature-missing +There is no proof in the header x-hub-signature-256/)
    assert.match(out, /github +signature-mismatch +The proof has the right form/)
    const listed = JSON.parse((await fake.posthorn('inbox rejected --reason signature-mismatch --json')).out)
    assert.equal(listed.rejected.length, 1)
    assert.ok(!('body' in listed.rejected[0].request))
    const { seq } = listed.rejected[0]
    const one = await fake.posthorn(`inbox rejected ${seq}`)
    assert.match(one.out, /^refused request \d+ {2}signature-mismatch\n/)
    assert.match(one.out, /hint +The proof/)
    assert.match(one.out, /\{"ref":"refs\/heads\/main"/)
    assert.equal((await fake.posthorn('inbox rejected 999')).code, 1)
  })

  test('takes in what proves itself now', async () => {
    const env = { WEBHOOKS_GITHUB_SECRET: SECRET }
    const { code, out, err } = await fake.posthorn(`inbox reverify --receiver github --app ${app}`, env)
    assert.deepEqual([code, err], [0, ''])
    assert.match(out, /taken in +1 delivery: \d+\n/)
    assert.match(out, /still refused +signature-missing\n/)
    const rest = JSON.parse((await fake.posthorn('inbox rejected --json')).out)
    assert.equal(rest.rejected.length, 1)
    const { out: json } = await fake.posthorn(`inbox reverify ${rest.rejected[0].seq} --app ${app} --json`, env)
    assert.deepEqual(JSON.parse(json), { results: [{ seq: rest.rejected[0].seq, still: 'signature-missing' }] })
  })
})

test('inbox describe describes with the receiver’s code of today', async () => {
  const env = { WEBHOOKS_GITHUB_SECRET: SECRET }
  const { code, out, err } = await fake.posthorn(`inbox describe ${first} --app ${app}`, env)
  assert.deepEqual([code, out, err], [0, `Described anew: ${first}.\n`, ''])
  assert.equal(JSON.parse((await fake.posthorn(`inbox show ${first} --json`)).out).event, 'push')
})

test('inbox copy copies everything once, and what is paused', async () => {
  const target = new FakeStore()
  await fake.posthorn('inbox pause github')
  const line = `inbox copy --from ${fake.address} --to ${target.address}`
  const count = JSON.parse((await fake.posthorn('inbox stats --json')).out).total
  assert.equal((await fake.posthorn(line)).out, `${count} deliveries copied, 0 were there already.\n`)
  const copied = JSON.parse((await target.posthorn('inbox stats --json')).out)
  assert.deepEqual([copied.total, copied.paused], [count, ['github']])
  const body = await target.with(async store => {
    const [delivery] = await store.find({ receiver: 'stripe' }, { limit: 1 })
    return (await store.request(delivery!.seq))!.body
  })
  assert.deepEqual(Buffer.from(body), pushRequest().body)
  await fake.posthorn('inbox resume github')
})

test('inbox copy that is interrupted says how to go on', async () => {
  const [source, target] = [new FakeStore(), new FakeStore()]
  const seqs = await source.with(store =>
    fill(
      store,
      Array.from({ length: 40 }, () => ({}))
    )
  )
  target.failAt('load', 2)
  const line = `inbox copy --from ${source.address} --to ${target.address}`
  const { code, err } = await source.posthorn(line)
  assert.deepEqual([code, err.split('\n')[0]], [1, `Interrupted: the same command with --after ${seqs[31]} goes on.`])
  const { out } = await source.posthorn(`${line} --after ${seqs[31]} --json`)
  assert.deepEqual(JSON.parse(out), { copied: 8, known: 0 })
  assert.equal(await target.with(store => store.count({})), 40)
})
