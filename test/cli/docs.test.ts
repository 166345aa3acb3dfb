import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { commands } from '../../src/cli/commands.ts'
import { FakeTerminal } from './terminal.ts'

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
const lines = [...page.matchAll(/^npx posthorn (.*)$/gm)].map(match => match[1]!)

test('every command of the page is understood as it stands there', async () => {
  assert.ok(lines.length > 15)
  for (const line of lines) {
    const words = line
      .split(' | ')[0]!
      .split(' ')
      .map(word => word.replaceAll("'", ''))
    const { code, err } = await new FakeTerminal().run([...words, '--help'])
    assert.deepEqual([code, err], [0, ''], line)
  }
})

test('the page has every command, in its table and with an example', () => {
  for (const name of commands.keys()) {
    assert.ok(page.includes(`\`${name}\``), name)
    assert.ok(
      lines.some(line => line.startsWith(name)),
      name
    )
  }
})
