import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DEFAULT_RETRY } from '../src/retry.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

function inWords(ms: number): string {
  if (ms < MINUTE) return `${ms / 1000} s`
  return ms < HOUR ? `${ms / MINUTE} min` : `${ms / HOUR} h`
}

test('the default schedule is the one that the page about the inbox tells', () => {
  const page = readFileSync(new URL('../docs/inbox.md', import.meta.url), 'utf8').replace(/\s+/g, ' ')
  const last = DEFAULT_RETRY.length - 1
  const told = `after ${DEFAULT_RETRY.slice(0, last).map(inWords).join(', ')} and ${inWords(DEFAULT_RETRY[last]!)}`
  assert.ok(page.includes(`has ten tries over three days: ${told}`), told)
  const days = DEFAULT_RETRY.reduce((sum, ms) => sum + ms, 0) / (24 * HOUR)
  assert.equal(Math.round(days), 3)
})
