import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { median } from './report.ts'

/** Microseconds. A few of them say that the folder is no disk, and that nothing here is durable. */
export function syncTime(): number {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'))
  const file = openSync(join(folder, 'sync'), 'w')
  const bytes = Buffer.alloc(1024, 'x')
  const times = Array.from({ length: 200 }, () => {
    const start = performance.now()
    writeSync(file, bytes)
    fdatasyncSync(file)
    return (performance.now() - start) * 1000
  })
  closeSync(file)
  rmSync(folder, { recursive: true })
  return median(times)
}
