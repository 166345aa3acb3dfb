/** A thread of the SQLite store. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Setting } from './shared.ts'

// `node:sqlite` says that it is experimental. Whoever chose this store can't do anything about it.
const warn = process.emitWarning.bind(process) as (...given: unknown[]) => void
process.emitWarning = (...given: unknown[]) => {
  if (!String(given[0]).startsWith('SQLite is an experimental feature')) warn(...given)
}

const setting: Setting = workerData
if (setting.role === 'writer') (await import('./writer.ts')).serveWrites(parentPort!, setting)
else (await import('./reader.ts')).serveReads(parentPort!, setting)
