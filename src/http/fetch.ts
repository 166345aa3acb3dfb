/** Webhooks as `Request` → `Response`: Hono, Next.js, Bun, Deno; public as `posthorn/fetch`. */
import { BodyAlreadyRead, type Reason } from '../errors.ts'
import type { Logger } from '../handler.ts'
import type { Headers as ReadHeaders, Reply } from '../receiver.ts'
import type { BodyLimits, Call } from './call.ts'
import { Hosted, type HostedOptions, prepare } from './hosted.ts'
import { NOWHERE, routeOf } from './route.ts'
import { collectStream } from './stream.ts'
import { wireOf } from './wire.ts'

export type { HostedOptions } from './hosted.ts'

const REMEDY = 'Give `webhooks.fetch` the request before anything reads from it, or a clone that was made before.'

export class FetchWebhooks extends Hosted {
  /** Never rejects. What is not under the prefix gets 404. */
  readonly fetch = async (request: Request): Promise<Response> => {
    try {
      return responseTo(request, await this.serve(callOf(request, this.prefix, this.log)))
    } catch (err) {
      this.log.error({ err }, 'webhook failed')
      return responseTo(request, { status: 500 })
    }
  }
}

/** Rejects with `InvalidConfiguration` and `InvalidHandler`. */
export async function createWebhooks(options: HostedOptions): Promise<FetchWebhooks> {
  return new FetchWebhooks(await prepare(options))
}

function callOf(request: Request, prefix: string, log: Logger): Call {
  const { origin, pathname, protocol } = new URL(request.url)
  return {
    ...(routeOf(pathname, prefix) ?? NOWHERE),
    method: request.method,
    target: request.url.slice(origin.length),
    log,
    get headers() {
      return Object.fromEntries(request.headers) satisfies ReadHeaders
    },
    isConfidential: protocol === 'https:',
    body: limits => bodyOf(request, limits)
  }
}

function bodyOf(request: Request, limits: BodyLimits): Uint8Array | Promise<Uint8Array | Reason> {
  const { body, bodyUsed } = request
  if (bodyUsed || body?.locked === true) throw new BodyAlreadyRead(REMEDY)
  if (body === null) return new Uint8Array()
  return collectStream(body, { ...limits, length: request.headers.get('content-length') ?? undefined })
}

function responseTo(request: Request, reply: Reply): Response {
  const { headers, body } = wireOf(reply, request.method)
  const response = new Response(body as string | Uint8Array<ArrayBuffer> | undefined, { status: reply.status, headers })
  // The connection is the host's, and HTTP/2 knows no such header.
  response.headers.delete('connection')
  return response
}
