import { BoundedMap } from './bounded.ts'
import { FetchRefused } from './errors.ts'

export interface GuardOptions {
  /** What does the work. Default: the global `fetch`. */
  readonly fetch?: typeof fetch
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number
  /** Milliseconds for the whole answer. Default: 10 seconds. */
  readonly timeout?: number
}

/** An answer that has been read to its end, and can be handed out many times. */
interface Page {
  readonly status: number
  readonly type: string | null
  readonly bytes: Uint8Array<ArrayBuffer>
}

const TIMEOUT = 10_000
const MAX_BYTES = 64 * 1024
const MAX_RUNNING = 16
const KEEP = 60 * 60 * 1000
const PAUSE = 5000

/** A name with a dot whose last label is no number: no address, in any notation, and no `localhost`. */
const PUBLIC_NAME = /^(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/

/**
 * A `fetch` for what a provider makes us fetch: its certificates and confirmations. GET and HTTPS only, on the standard
 * port, no redirects, 64 KiB and ten seconds at most, no more than 16 at once. Of the second argument only `method` and
 * `cache` count.
 *
 * A successful answer is kept for an hour, one request at a time is made for a URL, and none for five seconds after it
 * failed: whoever sends forged requests does not make us hammer the provider. `cache: 'no-store'` goes past all that.
 *
 * Addresses are refused as hosts, but what a name resolves to is not checked. Which names are asked is pinned by the
 * scheme or receiver, TLS proves that they answer, and a provider's name may well lead to a private address: that is
 * how VPC endpoints work. So do not hand it a URL of anybody's choice.
 */
export function guardedFetch(options: GuardOptions = {}): typeof fetch {
  const { fetch: inner = fetch, now = Date.now, timeout = TIMEOUT } = options
  const kept = new BoundedMap<string, { readonly page: Page; readonly until: number }>(100)
  const paused = new BoundedMap<string, number>(1000)
  const flights = new Map<string, Promise<Page>>()
  let running = 0

  async function download(url: URL): Promise<Page> {
    if (running >= MAX_RUNNING) throw new FetchRefused(nameOf(url), 'too many downloads are under way')
    running++
    try {
      const response = await inner(url.href, { redirect: 'error', signal: AbortSignal.timeout(timeout) })
      const bytes = await collect(url, response)
      return { status: response.status, type: response.headers.get('content-type'), bytes }
    } catch (error) {
      throw error instanceof FetchRefused ? error : new FetchRefused(nameOf(url), whyOf(error), { cause: error })
    } finally {
      running--
    }
  }

  async function fly(url: URL): Promise<Page> {
    let pause = PAUSE
    try {
      const page = await download(url)
      if (isOk(page)) {
        kept.set(url.href, { page, until: now() + KEEP })
        pause = 0
      }
      return page
    } finally {
      flights.delete(url.href)
      paused.set(url.href, now() + pause)
    }
  }

  async function remembered(url: URL): Promise<Page> {
    const known = kept.get(url.href)
    if (known !== undefined && now() < known.until) return known.page
    let flight = flights.get(url.href)
    if (flight === undefined) {
      if (now() < (paused.get(url.href) ?? 0)) throw new FetchRefused(nameOf(url), 'it failed a moment ago')
      flight = fly(url)
      flights.set(url.href, flight)
    }
    return flight
  }

  return async (input, init) => {
    const url = checked(input, init)
    const { status, type, bytes } = await (init?.cache === 'no-store' ? download(url) : remembered(url))
    return new Response(bytes.length === 0 ? null : bytes, {
      status,
      headers: type === null ? {} : { 'content-type': type }
    })
  }
}

function checked(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): URL {
  const url = URL.parse(String(input))
  if (url === null) throw new FetchRefused('this', 'it is no URL')
  if (url.protocol !== 'https:') throw new FetchRefused(nameOf(url), 'it is not HTTPS')
  if (!PUBLIC_NAME.test(url.host)) throw new FetchRefused(nameOf(url), 'its host is no public name, or has a port')
  if (url.username + url.password !== '') throw new FetchRefused(nameOf(url), 'it names a user')
  if ((init?.method ?? 'GET') !== 'GET') throw new FetchRefused(nameOf(url), 'the method is not GET')
  return url
}

async function collect(url: URL, response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_BYTES) throw new FetchRefused(nameOf(url), `it is larger than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function isOk({ status }: Page): boolean {
  return status >= 200 && status < 300
}

/** Without user and query: a confirmation carries its token there. */
function nameOf({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`
}

/** The global fetch says only that it failed; its cause says why. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed'
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}
