import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const root = new URL('../../', import.meta.url)
const page = readFileSync(new URL('docs/handlers.md', root), 'utf8')

for (const name of ['Forward', 'Queue']) {
  test(`the page lists every option of ${name}, and only those`, () => {
    const source = readFileSync(new URL(`handlers/${name.toLowerCase()}.ts`, root), 'utf8')
    const declared = new RegExp(`export interface ${name}Options \\{([\\s\\S]*?)\\n\\}`).exec(source)![1]!
    const names = [...declared.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(match => match[1]!)
    const block = new RegExp(`new ${name}\\(\\{([\\s\\S]*?)\`\`\``).exec(page)![1]!
    const listed = [...block.matchAll(/^ {2}(\w+):/gm)].map(match => match[1]!)
    assert.ok(names.length > 3)
    assert.deepEqual(listed.toSorted(), names.toSorted())
  })
}
