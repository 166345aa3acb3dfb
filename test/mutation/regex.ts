export interface Piece {
  readonly start: number
  readonly end: number
  readonly text: string
}

const QUANTIFIED = { '*': '+', '+': '*', '?': '' } as const

/** Changes of a regular expression, by their place in its literal text: anchors, quantifiers, classes, look-arounds, flags. */
export function regexChanges(literal: string): Piece[] {
  const closing = literal.lastIndexOf('/')
  const flags = [...literal.slice(closing + 1)].flatMap((flag, index) =>
    flag === 'i' || flag === 's' || flag === 'm' ? [{ start: closing + 1 + index, length: 1, text: '' }] : []
  )
  // One token after another, so that nothing in a class or behind a backslash is taken for an operator.
  const tokens = literal
    .slice(0, closing)
    .matchAll(/\\[\s\S]|\[\^?(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:<?[=!]|:|<\w+>)|\{\d+(?:,\d*)?\}|[\s\S]/g)
  const changes: { start: number; length: number; text: string }[] = [...flags]
  let before = ''
  for (const { 0: token, index } of tokens) {
    const text = changed(token, before)
    if (text !== undefined && index > 0) changes.push({ start: index, length: token.length, text })
    before = token
  }
  return changes.map(({ start, length, text }) => ({ start, end: start + length, text }))
}

function changed(token: string, before: string): string | undefined {
  if (token === '^' || token === '$') return ''
  if (token === '*' || token === '+') return QUANTIFIED[token]
  // Behind another quantifier it means lazy, which changes no match of ours.
  if (token === '?') return /^[*+?}]/.test(before) ? undefined : ''
  if (/^\{\d+\}$/.test(token)) return token.replace('}', ',}')
  if (/^\{\d+,\d+\}$/.test(token)) return token.replace(/\d+\}/, '}')
  if (token.startsWith('[^')) return `[${token.slice(2)}`
  if (/^\[[^\]]/.test(token)) return `[^${token.slice(1)}`
  if (/^\\[dDsSwW]$/.test(token)) return token === token.toLowerCase() ? token.toUpperCase() : token.toLowerCase()
  if (/^\(\?<?[=!]$/.test(token)) return token.endsWith('=') ? token.replace('=', '!') : token.replace('!', '=')
  return undefined
}
