/**
 * The one pattern language for events. `*` stands for any characters but dots, `**` for any characters:
 * `issues.*`, `invoice.**`, `repo:*`, `**`.
 */
export function matches(pattern: string, event: string): boolean {
  if (pattern === '**' || pattern === event) return true
  if (!pattern.includes('*')) return false
  // All places the pattern may have got to, side by side: no pattern makes this slower than its length times the event's.
  const tokens = pattern.match(/\*\*|[\s\S]/gu)!
  let places = passStars(tokens, new Set([0]))
  for (const character of event) {
    const next = new Set<number>()
    for (const place of places) {
      const token = tokens[place]
      if (token === '**' || (token === '*' && character !== '.')) next.add(place)
      else if (token === character) next.add(place + 1)
    }
    places = passStars(tokens, next)
  }
  return places.has(tokens.length)
}

/** A star may also stand for nothing. A set is walked to the ends of what is added on the way. */
function passStars(tokens: readonly string[], places: Set<number>): Set<number> {
  for (const place of places) if (tokens[place]?.startsWith('*')) places.add(place + 1)
  return places
}

export type Wildcard = `${string}*${string}`

/** The names in a map of events, without its index signatures. */
export type KnownEvents<Events> = keyof {
  [Event in keyof Events as string extends Event ? never : Event extends Wildcard ? never : Event]: unknown
} &
  string

/** The known events that a pattern matches. */
export type Matched<Events, Pattern extends string> = Extract<KnownEvents<Events>, Template<Pattern>>

type Template<Pattern extends string> = Pattern extends `${infer Head}*${infer Tail}`
  ? `${Head}${string}${Template<Tail>}`
  : Pattern
