import fc from 'fast-check'

/** A small change of a text: what stands at a place is taken out, repeated or swapped, and something put in. */
interface Edit {
  readonly how: 'insert' | 'delete' | 'replace' | 'repeat' | 'case'
  readonly at: number
  readonly length: number
  readonly text: string
}

/** Changes of a text of some form: near to what is valid, where parsers go wrong. `tokens` are what means something there. */
export function edits(tokens: readonly string[], maxLength = 3): fc.Arbitrary<readonly Edit[]> {
  const edit = fc.record({
    how: fc.constantFrom('insert', 'delete', 'replace', 'repeat', 'case'),
    at: fc.nat({ max: 10_000 }),
    length: fc.nat({ max: 12 }),
    text: fc.oneof(
      fc.constantFrom(...tokens),
      fc.string({ unit: fc.integer({ max: 255 }).map(code => String.fromCharCode(code)), maxLength: 3 })
    )
  } as const)
  return fc.array(edit, { maxLength })
}

export function edited(source: string, changes: readonly Edit[]): string {
  let text = source
  for (const { how, at, length, text: put } of changes) {
    const start = at % (text.length + 1)
    const piece = text.slice(start, start + length)
    const between = {
      insert: put + piece,
      delete: '',
      replace: put,
      repeat: piece + piece,
      case: piece === piece.toUpperCase() ? piece.toLowerCase() : piece.toUpperCase()
    }[how]
    text = text.slice(0, start) + between + text.slice(start + length)
  }
  return text
}

/** The same for bytes. */
export function editedBytes(bytes: Uint8Array, changes: readonly Edit[]): Buffer {
  if (changes.length === 0) return Buffer.from(bytes)
  return Buffer.from(edited(Buffer.from(bytes).toString('latin1'), changes), 'latin1')
}

export const bytes = fc.uint8Array({ maxLength: 200 })
/** Of any characters, but whole ones. */
export const anyText = fc.string({ unit: 'binary', maxLength: 20 })
export const secretText = fc
  .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 })
  .filter(it => it.trim() !== '')
export const someTime = fc.integer({ min: 1_000_000_000, max: 4_000_000_000 }).map(seconds => new Date(seconds * 1000))
