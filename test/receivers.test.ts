import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { testReceiver } from '../src/testing/index.ts'

const directory = new URL('../receivers/', import.meta.url)

for (const file of readdirSync(directory)) {
  const name = file.replace(/\.ts$/, '')
  const exported: Record<string, any> = await import(new URL(file, directory).href)
  const camelCase = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

  test(`receivers/${file} exports one receiver, ${camelCase}, by the name of its file`, () => {
    assert.deepEqual(Object.keys(exported), [camelCase])
    assert.equal(typeof exported[camelCase], 'object')
    assert.equal(exported[camelCase].name, name)
  })

  const vectors = JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8'))
  testReceiver(Object.values(exported)[0], vectors)
}
