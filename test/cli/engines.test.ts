import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { github } from '../../receivers/github.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { credentials, fill, inboxOf, pushRequest, SECRET, settleAll } from '../inbox/stored.ts'
import { withPostgres } from '../store/embedded.ts'
import { FakeTerminal, Folder } from './terminal.ts'

const folder = new Folder()
after(() => folder.remove())
const sqlite = `sqlite:${join(folder.path, 'hooks.db')}`

async function withStore<Result>(address: string, use: (store: Store, pepper: Uint8Array) => Promise<Result>) {
  const store = await openStore(address)
  const { pepper } = await store.open()
  try {
    return await use(store, pepper)
  } finally {
    await store.close()
  }
}

function refusedAndTakenIn(engine: string, address: string): void {
  test(`${engine}: what was refused is kept and counted, and taken in after its secret was corrected`, () =>
    withStore(address, async (store, pepper) => {
      const { inbox } = inboxOf({ store, pepper: () => pepper })
      const headers = { 'x-github-event': 'push', 'x-github-delivery': 'refused' }
      const request = await github.scheme.sign!(pushRequest({ headers }), SECRET, new Date())
      inbox.rejected.keep(github, '', 'proof', 'signature-mismatch', request, credentials('another-secret'))
      await inbox.rejected.close()
      const [{ seq, hint }] = (await inbox.rejected.list()).rejected as any
      assert.match(hint, /compare it/)
      const [result] = await inbox.reverify(seq)
      assert.ok('accepted' in result!)
      const entry = (await inbox.get(result.accepted[0]!))!
      assert.deepEqual([entry.event, entry.id, Buffer.from(entry.request.body)], ['push', 'refused', request.body])
      assert.equal(await inbox.rejected.get(seq), undefined)
      await inbox.describe(entry.seq)
      assert.equal((await inbox.get(entry.seq))!.subject, 'octo/hello')
      const { rejected } = await inbox.stats()
      assert.deepEqual(rejected, [{ receiver: 'github', reason: 'signature-mismatch', count: 1 }])
    }))
}

await withPostgres('the command line on PostgreSQL', ({ url, password }) => {
  test('an inbox moves from SQLite to PostgreSQL, and is looked at and put right there', async () => {
    await withStore(sqlite, async store => {
      const now = store.now()
      await fill(store, [{ id: 'a', key: 'a', subject: 'octo/hello', receivedAt: now }])
      await settleAll(store, { state: 'dead', error: 'broken', progress: '{"done":["a"]}' })
      await fill(store, [{ receivedAt: now }])
    })
    const posthorn = async (...line: readonly string[]) => {
      const { code, out, err } = await new FakeTerminal().run(line, { WEBHOOKS_STORE: url })
      assert.ok(!`${out}${err}`.includes(password))
      assert.equal(code, 0, err)
      return out
    }
    assert.equal(
      await posthorn('inbox', 'copy', '--from', sqlite, '--to', url),
      '2 deliveries copied, 0 were there already.\n'
    )
    const { deliveries } = JSON.parse(await posthorn('inbox', 'list', '--state', 'dead', '--json'))
    assert.deepEqual([deliveries.length, deliveries[0].id, deliveries[0].error], [1, 'a', 'broken'])
    const seq = String(deliveries[0].seq)
    assert.match(await posthorn('inbox', 'show', seq), /done +a\n[\s\S]*\{"ref":"refs\/heads\/main"/)
    assert.match(await posthorn('inbox', 'replay', seq, '--yes'), /^1 delivery put back to work/)
    assert.equal(JSON.parse(await posthorn('inbox', 'stats', '--json')).states.waiting, 2)
  })

  refusedAndTakenIn('PostgreSQL', url)
})

// Behind the server's start: tests that end before it would take the folder with them.
refusedAndTakenIn('SQLite', `sqlite:${join(folder.path, 'refused.db')}`)
