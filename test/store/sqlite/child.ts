/**
 * A process of its own that uses a store. `pepper`: opens it, and tells its pepper. `forget`: adds one and closes nothing.
 * `add`: adds without end, and tells each that was acknowledged.
 */
import { writeSync } from 'node:fs'
import { sqlite } from '../../../src/store/sqlite.ts'
import { put } from '../../../src/testing/store/given.ts'

const [task, path] = process.argv.slice(2) as ['pepper' | 'forget' | 'add', string]
const store = sqlite(path)
const { pepper } = await store.open()
if (task === 'pepper') {
  writeSync(1, Buffer.from(pepper).toString('hex'))
  await store.close()
} else if (task === 'forget') {
  void put(store, { key: 'forgotten' })
} else {
  for (let number = 0; ; number += 10) {
    const keys = Array.from({ length: 10 }, (_, index) => `key-${number + index}`)
    await Promise.all(keys.map(key => put(store, { key, id: key }).then(() => writeSync(1, `${key}\n`))))
  }
}
