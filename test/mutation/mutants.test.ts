import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Mutant, mutantsOf, mutated, proofOf } from './mutants.ts'
import { regexChanges } from './regex.ts'
import { parse } from './syntax.ts'

/** The lines that come of this one, by all its mutants. */
function changesOf(source: string): string[] {
  const mutants = parse(new Map([['a.ts', source]]), treeOf => mutantsOf('a.ts', treeOf('a.ts')))
  return mutants.map(mutant => mutated(source, mutant))
}

function includesAll(source: string, ...changed: string[]): void {
  const found = changesOf(source)
  for (const one of changed) assert.ok(found.includes(one), `${one} is not among ${found.join(' | ')}`)
}

test('comparisons, connectives, negations and defaults are changed', () => {
  includesAll('x = a === b', 'x = a !== b')
  includesAll('x = a <= b', 'x = a < b')
  includesAll('x = a && b', 'x = a || b', 'x = a', 'x = b')
  includesAll('x = !a', 'x = a')
  includesAll('x = a ?? b', 'x = a')
  includesAll('x = a?.b', 'x = a.b')
  includesAll('x = a?.(1)', 'x = a(1)')
})

test('a condition is always or never true, so that early returns are forgotten', () => {
  includesAll('function f() { if (a) return 1 }', 'function f() { if (true) return 1 }')
  includesAll('function f() { if (a) return 1 }', 'function f() { if (false) return 1 }')
  includesAll('x = a ? b : c', 'x = true ? b : c', 'x = false ? b : c')
})

test('values are changed: numbers by one, texts to nothing, true to false', () => {
  includesAll('x = 300', 'x = 301', 'x = 299')
  includesAll('x = 0', 'x = 1', 'x = (-1)')
  includesAll("x = 'a'", "x = ''")
  includesAll("x = ''", "x = 'mutant'")
  includesAll('x = true', 'x = false')
  includesAll('x = [1]', 'x = []')
})

test('statements, arguments, results and methods are dropped', () => {
  includesAll('a.push(b)', ';', 'a.push()')
  includesAll('x = (a: string) => b', 'x = (a: string) => undefined')
  includesAll('x = a.trim()', 'x = a')
  includesAll('x = a.every(b)', 'x = a.some(b)')
})

test('what is erased before it runs stays as it is: types, imports, comments', () => {
  const source = "import a from 'a' // 1 === 2\ninterface B { c: 'd' | 1 | true }\ntype E = B['c']\n"
  assert.deepEqual(changesOf(source), [])
  assert.deepEqual(changesOf("const x = a as 'b'"), [])
})

test('what would be no program is left out', () => {
  assert.deepEqual(changesOf('const x = new Map<string, 1>()'), [])
  assert.equal(changesOf('const x = a.b?.c').length, 1)
})

test('regular expressions lose anchors, and change quantifiers, classes, look-arounds and flags', () => {
  const changed = (literal: string) =>
    regexChanges(literal).map(({ start, end, text }) => literal.slice(0, start) + text + literal.slice(end))
  assert.deepEqual(changed('/^a+$/i').sort(), ['/^a*$/i', '/^a+$/', '/^a+/i', '/a+$/i'].sort())
  assert.deepEqual(changed('/a{64}/'), ['/a{64,}/'])
  assert.deepEqual(changed('/a{1,9}/'), ['/a{1,}/'])
  assert.deepEqual(changed('/[^a$]/'), ['/[a$]/'])
  assert.deepEqual(changed('/\\d\\$/'), ['/\\D\\$/'])
  assert.deepEqual(changed('/(?:a)(?=b)/'), ['/(?:a)(?!b)/'])
  assert.deepEqual(changed('/a*?/'), ['/a+?/'])
})

test('of a receiver, its proof is changed with all that it needs, and its description is not', () => {
  const source = `
const limit = 1
const unrelated = 2
export const shop = { scheme: hmac(key), handshakes: [3], describe: () => 4 }
function key() { return limit }
function title() { return 5 }`
  const mutants = parse(new Map([['shop.ts', source]]), treeOf => {
    const tree = treeOf('shop.ts')
    return mutantsOf('shop.ts', tree, proofOf(tree))
  })
  const numbers = (mutant: Mutant) => (mutant.change === 'number' ? [source.slice(mutant.start, mutant.end)] : [])
  assert.deepEqual([...new Set(mutants.flatMap(numbers))].sort(), ['1', '3'])
})
