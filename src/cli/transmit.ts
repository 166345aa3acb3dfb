import { STATUS_CODES } from 'node:http'
import type { WebhookRequest } from '../receiver.ts'
import { cleanLines, type Terminal } from './terminal.ts'

const OF_THE_CONNECTION = /^(?:host|connection|keep-alive|transfer-encoding|content-length|expect|upgrade|te|trailer)$/
const TIMEOUT = 30_000
const MAX_SHOWN = 10_000

export interface Answered {
  readonly status: number
  readonly body: string
  readonly ms: number
}

/** Sends the request to a URL that need not be the one it was signed for. Throws where nobody answers. */
export async function transmit({ method, headers, body }: WebhookRequest, url: string): Promise<Answered> {
  const started = performance.now()
  try {
    const response = await fetch(url, {
      method,
      headers: passed(headers),
      ...(body.length > 0 && { body: body as Uint8Array<ArrayBuffer> }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT)
    })
    const text = await response.text()
    return { status: response.status, body: text, ms: Math.round(performance.now() - started) }
  } catch (error) {
    const code = (error as any)?.cause?.code ?? (error as any)?.code ?? (error as Error).name
    throw new Error(
      `No answer from ${new URL(url).origin} (${code}). Is the server running? posthorn serve starts one.`
    )
  }
}

/** Throws where it was not accepted, so that a script sees it. */
export function tellAnswer({ status, body, ms }: Answered, terminal: Terminal): void {
  const isAccepted = status >= 200 && status <= 299
  if (terminal.isJson) terminal.json({ status, body, ms })
  else {
    const words = `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
    terminal.line(`${terminal.style(words, isAccepted ? 'green' : 'red')}  in ${ms} ms`)
    if (body !== '') terminal.line(cleanLines(body.slice(0, MAX_SHOWN)))
  }
  if (!isAccepted) throw new Error(`The server did not accept it: its log says why.`)
}

/** What `curl` sends the same with, for a POSIX shell. */
export function curlOf({ method, headers, body }: WebhookRequest, url: string): string {
  const text = Buffer.from(body).toString()
  const isText = !text.includes('\0') && Buffer.from(text).equals(body)
  const lines = [
    `curl --request ${method} ${quoted(url)}`,
    ...passed(headers).map(([name, value]) => `--header ${quoted(`${name}: ${value}`)}`),
    ...(body.length === 0 ? [] : [isText ? `--data-raw ${quoted(text)}` : '--data-binary @-'])
  ]
  const curl = lines.join(' \\\n  ')
  return isText ? curl : `echo ${Buffer.from(body).toString('base64')} | base64 -d | ${curl}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function passed(headers: WebhookRequest['headers']): [name: string, value: string][] {
  return Object.entries(headers)
    .filter(([name]) => !OF_THE_CONNECTION.test(name))
    .flatMap(([name, value]) => [value ?? []].flat().map(one => [name, one] as [string, string]))
}
