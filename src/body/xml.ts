import { SaxesParser } from 'saxes'
import { MalformedBody } from '../errors.ts'
import { text } from './text.ts'

const MAX_DEPTH = 100

interface Element {
  readonly name: string
  readonly children: Record<string, unknown>
  text: string
}

/**
 * An XML body as plain objects: an element of text is a string, others are objects of their children by local name;
 * repeated children are arrays, attributes stand under `@name`. No DTD, hence no entities but the five of XML.
 */
export function parseXml(body: Uint8Array): Record<string, unknown> {
  const source = text(body, 'XML')
  try {
    return build(source)
  } catch {
    // The parser's own message quotes the body.
    throw new MalformedBody('XML', source.trim() === '' ? 'it is empty' : 'it does not parse, or has a DTD')
  }
}

function build(source: string): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  const open: Element[] = [{ name: '', children: root, text: '' }]
  const parser = new SaxesParser({ xmlns: true, position: false })

  parser.on('doctype', () => {
    throw new Error('a DTD')
  })
  parser.on('opentag', tag => {
    if (open.length > MAX_DEPTH) throw new Error('too deep')
    const children: Record<string, unknown> = {}
    for (const { prefix, local, name, value } of Object.values(tag.attributes)) {
      if (prefix !== 'xmlns' && name !== 'xmlns') children[`@${local}`] = value
    }
    open.push({ name: tag.local, children, text: '' })
  })
  parser.on('text', chunk => {
    open.at(-1)!.text += chunk
  })
  parser.on('cdata', chunk => {
    open.at(-1)!.text += chunk
  })
  parser.on('closetag', () => {
    const element = open.pop()!
    append(open.at(-1)!.children, element.name, contentOf(element))
  })
  parser.write(source).close()
  return root
}

function contentOf({ children, text }: Element): unknown {
  if (Object.keys(children).length === 0) return text
  if (text.trim() !== '') children['#text'] = text
  return children
}

function append(parent: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') throw new Error('a prototype')
  if (!Object.hasOwn(parent, name)) parent[name] = value
  else if (Array.isArray(parent[name])) parent[name].push(value)
  else parent[name] = [parent[name], value]
}
