import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { sqlite } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'

const root = mkdtempSync(join(tmpdir(), 'posthorn-sqlite-'))
process.on('exit', () => rmSync(root, { recursive: true, force: true }))

/** The path of a file that isn't there yet, in a folder of its own. */
export function newFile(): string {
  return join(mkdtempSync(join(root, 'store-')), 'webhooks.db')
}

/** Closed when the test ends. */
export async function opened(t: TestContext, path: string): Promise<Store> {
  const store = sqlite(path)
  t.after(() => store.close())
  await store.open()
  return store
}
