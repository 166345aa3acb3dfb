import { exactText } from '../../body/text.ts'
import type { StoredRequest } from '../../store/store.ts'
import { clean, cleanLines, type Terminal } from '../terminal.ts'

/** A stored request as a person reads it. Only a body that is text is printed. */
export function printRequest(terminal: Terminal, { method, url, headers, body }: StoredRequest, size: number): void {
  terminal.line(terminal.style('request', 'bold'))
  terminal.line(`  ${clean(`${method} ${url}`)}`)
  for (const [name, value] of Object.entries(headers)) {
    for (const one of [value ?? []].flat()) terminal.line(`  ${terminal.style(clean(name), 'dim')}: ${clean(one)}`)
  }
  terminal.line()
  const text = exactText(body)
  if (body.length < size) terminal.line(terminal.style(`  (${body.length} of ${size} bytes were kept)`, 'dim'))
  if (text === undefined)
    terminal.line(terminal.style(`  (${body.length} bytes that are no text: --body prints them)`, 'dim'))
  else if (text !== '') terminal.line(cleanLines(text))
}

/** The same for programs: a body that is no text as base64. */
export function jsonRequest({ body, ...request }: StoredRequest): object {
  const text = exactText(body)
  return { ...request, ...(text === undefined ? { bodyBase64: Buffer.from(body).toString('base64') } : { body: text }) }
}
