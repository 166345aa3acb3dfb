import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as errors from '../src/errors.ts'

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
const documented = [...page.matchAll(/<a id="[^"]+"><\/a>`([^`]+)`/g)].map(match => match[1]!)
const codes = Object.entries(errors)
  .filter(([name]) => name !== 'reasons')
  .map(([, ErrorClass]) => new (ErrorClass as any)('x', 'y').code as string)

test('every error and every reason is documented', () => {
  for (const name of [...codes, ...Object.keys(errors.reasons)]) assert.ok(documented.includes(name), name)
})

test('every documented error and reason exists', () => {
  for (const name of documented) assert.ok(codes.includes(name) || name in errors.reasons, name)
})

test('every documented reason means what the source says', () => {
  for (const [name, meaning] of Object.entries(errors.reasons))
    assert.ok(page.includes(`\`${name}\` | ${meaning} |`), name)
})
