/** Killed with SIGKILL at random moments, again and again: nothing that was acknowledged is lost. More of it: `npm run crash`. */
import { test } from 'node:test'
import { type CrashOptions, crash } from './crash/crash.ts'
import { postgresFor } from './crash/engines.ts'

const CYCLES = 25
/** The same decisions in every run; the moments are the machine's. */
const options = { cycles: CYCLES, seed: 1 } satisfies Partial<CrashOptions>

test(`SQLite: the server is killed ${CYCLES} times, and each acknowledged delivery is stored once and handled`, async context => {
  const report = await crash({ ...options, victim: 'server' })
  context.diagnostic(JSON.stringify(report))
})

test(`PostgreSQL: the server is killed ${CYCLES} times, and each acknowledged delivery is stored once and handled`, async context => {
  const database = await postgresFor(context)
  if (database === undefined) return
  const report = await crash({ ...options, victim: 'server', database })
  context.diagnostic(JSON.stringify(report))
})

test(`PostgreSQL is killed ${CYCLES} times, and each acknowledged delivery is stored once and handled`, async context => {
  const database = await postgresFor(context)
  if (database === undefined) return
  const report = await crash({ ...options, victim: 'database', database })
  context.diagnostic(JSON.stringify(report))
})
