import {
  type Accept,
  type Delivery,
  ForwardFailed,
  Handler,
  type HandlerContext,
  InvalidHandler,
  type Scheme,
  type WebhookRequest
} from '../src/kit.ts'

export interface ForwardOptions {
  /** The deliveries to send on: `[on(github, 'push')]`. */
  readonly accepts: readonly Accept[]
  /** The target, by http or https. It may be in your own network: nothing is guarded here. */
  readonly to: string
  /** Signs the request for the target. Default: it keeps the provider's signature. */
  readonly sign?: { readonly scheme: Scheme; readonly key: string }
  /** Default: `forward`. */
  readonly name?: string
  /** Default: 50. */
  readonly order?: number
  /** Milliseconds, for the whole answer. Default: 30 000. */
  readonly timeout?: number
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch
}

/** What belongs to one connection, what `fetch` writes itself, and what proxies said of the way to us. */
const OF_THE_WAY =
  /^(?::.*|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings|host|content-length|content-encoding|accept-encoding|expect|forwarded|x-forwarded-.*|x-real-ip|via)$/
/** The scheme hid the secret that it knows. Others may have come along, under any name: better too many than too few. */
const SECRET =
  /^(?:x-)?auth|authorization|cookie|credential|jwt|(?:api|access|private|secret|^x)-?_?key|oidc|passw|secret|session|token/
/** Only we say what these say. */
const OURS = /^posthorn-/
const MAX_ANSWER = 64 * 1024

/** Sends a delivery's request on to another URL. Anything but a 2xx fails, so that the provider tries again. */
export class Forward extends Handler<readonly Accept[]> {
  readonly name: string
  override readonly order: number
  override readonly timeout: number
  readonly #to: URL
  readonly #sign: ForwardOptions['sign']
  readonly #fetch: typeof fetch

  constructor({ accepts, to, sign, name = 'forward', order = 50, timeout = 30_000, ...options }: ForwardOptions) {
    super(accepts)
    const problem = problemOf(to, sign)
    if (problem !== undefined) throw new InvalidHandler(name, problem)
    this.name = name
    this.order = order
    this.timeout = timeout
    this.#to = new URL(to)
    this.#sign = sign
    this.#fetch = options.fetch ?? fetch
  }

  async handle(delivery: Delivery, { log, signal }: HandlerContext): Promise<void> {
    // Queries hold codes, and paths too, as in Slack's URLs: errors and logs name the origin only.
    const { origin } = this.#to
    const status = await this.#post(delivery, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      throw new ForwardFailed(origin, `it failed with ${codeOf(error)}`)
    })
    if (status < 200 || status > 299) throw new ForwardFailed(origin, `it answered ${status}`)
    log.debug({ to: origin, status }, 'delivery forwarded')
  }

  async #post(delivery: Delivery, signal: AbortSignal): Promise<number> {
    const raw = delivery.raw()
    const headers = { ...passed(raw.headers), ...labels(delivery) }
    const unsigned = { method: 'POST', url: this.#to.href, headers, body: raw.body }
    const request = (await this.#sign?.scheme.sign?.(unsigned, this.#sign.key, new Date())) ?? unsigned
    const fetch = this.#fetch
    const response = await fetch(request.url, {
      method: 'POST',
      headers: Object.entries(request.headers).flatMap(([name, value]) => [value ?? []].flat().map(one => [name, one])),
      body: request.body as Uint8Array<ArrayBuffer>,
      redirect: 'manual',
      signal
    })
    await drain(response)
    return response.status
  }
}

type Headers = WebhookRequest['headers']

function problemOf(to: string, sign: ForwardOptions['sign']): string | undefined {
  const url = URL.parse(to)
  if (!/^https?:$/.test(url?.protocol ?? '')) return '`to` must be an http or https URL'
  if (url!.username + url!.password !== '') return '`to` names a user; say it by `sign`, with the scheme basic()'
  if (sign === undefined) return undefined
  if (sign.scheme.sign === undefined) return 'the scheme in `sign` can only verify'
  return sign.key === '' ? 'the key in `sign` is empty' : undefined
}

function passed(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !OF_THE_WAY.test(name) && !SECRET.test(name) && !OURS.test(name))
  )
}

/** Visible ASCII stays as it is; the rest, and `%`, is percent-encoded: an event's name may be any text. */
function labels({ receiver, instance, event, id = '' }: Delivery): Headers {
  const known = Object.entries({ receiver, instance, event, id }).filter(([, value]) => value !== '')
  return Object.fromEntries(
    known.map(([name, value]) => [`posthorn-${name}`, value.toWellFormed().replace(/[^!-~]|%/gu, encodeURIComponent)])
  )
}

/** Read to its end, so that the connection can be used again; a long answer is cut off. */
async function drain({ body }: Response): Promise<void> {
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER) return
  }
}

/** Not its message, which may hold the URL. */
function codeOf(error: any): unknown {
  const code = error?.cause?.code ?? error?.code
  return typeof code === 'string' ? code : error?.name
}
