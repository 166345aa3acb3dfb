import { randomBytes } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** When this process began: a container's first process always has the same number, but not the same time. */
const STARTED = Math.round(performance.timeOrigin).toString(36)

/**
 * A worker's name: where its process is, its number and start, and a random part. Shown to the operator; and by it the next
 * process in the same place sees that this one has died, and need not wait for its leases to lapse.
 */
export function newName(): string {
  return `${place()}:${process.pid}:${STARTED}:${randomBytes(4).toString('hex')}`
}

/** Whether that worker was a process of this machine, or container, that is no more. In doubt it lives. */
export function hasDied(worker: string): boolean {
  const [, where, pid, started] = /^(.*):(\d+):(\w+):\w+$/.exec(worker) ?? []
  if (where !== place()) return false
  return Number(pid) === process.pid ? started !== STARTED : !isRunning(Number(pid))
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Two containers may share a host's name and not see each other's processes: so their namespace belongs to it. */
function place(): string {
  try {
    return `${hostname()}/${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0]}`
  } catch {
    return hostname()
  }
}
