/** The same webhooks in every host, each on a port of its own. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request as open, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import express5 from 'express'
import Fastify from 'fastify'
import { createWebhooks as createExpress } from '../../src/http/express.ts'
import { createWebhooks as createFetch } from '../../src/http/fetch.ts'
import type { Hosted } from '../../src/http/hosted.ts'
import { createWebhooks as createNode } from '../../src/http/node.ts'
import type { Webhooks, WebhooksOptions } from '../../src/options.ts'
import webhooks from '../../src/plugin.ts'
import { recordingLog } from '../inbox/stored.ts'

export interface Started {
  readonly port: number
  readonly webhooks: Webhooks
  /** As an application does when it is told to end. */
  close(): Promise<void>
}

export interface HostUnderTest {
  readonly name: string
  start(options: WebhooksOptions): Promise<Started>
}

/** The types that come with Express are those of version 5. */
export const express4: typeof express5 = createRequire(import.meta.url)('express4')

const logger = () => recordingLog().log

export const hosts: readonly HostUnderTest[] = [
  {
    name: 'Fastify',
    async start(options) {
      const app = Fastify()
      await app.register(webhooks, options)
      await app.listen({ port: 0, host: '127.0.0.1' })
      return { port: portOf(app.server), webhooks: app.webhooks, close: () => app.close() }
    }
  },
  ...[
    { name: 'Express 4', express: express4 },
    { name: 'Express 5', express: express5 }
  ].map(({ name, express }) => ({
    name,
    async start(options: WebhooksOptions) {
      const webhooks = await createExpress({ ...options, logger: logger() })
      const app = express()
      app.use(webhooks.middleware)
      app.use(express.json())
      return serving(createServer(app), webhooks)
    }
  })),
  {
    name: 'node:http',
    async start(options) {
      const webhooks = await createNode({ ...options, logger: logger() })
      return serving(createServer(webhooks.listener), webhooks)
    }
  },
  {
    name: 'fetch',
    async start(options) {
      const webhooks = await createFetch({ ...options, logger: logger() })
      return serving(createServer(bridge(webhooks.fetch)), webhooks)
    }
  }
]

/** `webhooks` are started by their first request. */
export async function serving(server: Server, webhooks: Hosted): Promise<Started> {
  const { port, close } = await listening(server)
  return {
    port,
    webhooks,
    async close() {
      await Promise.all([close(), webhooks.close()])
    }
  }
}

export async function listening(server: Server): Promise<{ readonly port: number; close(): Promise<void> }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server),
    async close() {
      const closed = once(server, 'close')
      server.close()
      await closed
    }
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** What runs `Request` → `Response` on a socket: as little as that takes. */
function bridge(fetch: (request: Request) => Promise<Response>) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', rawHeaders, url } = request
    const headers = new Headers()
    for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!)
    const body = ['GET', 'HEAD'].includes(method) ? null : (Readable.toWeb(request) as ReadableStream<Uint8Array>)
    const init = { method, headers, body, duplex: 'half' } as RequestInit
    const answer = await fetch(new Request(`http://${request.headers.host}${url}`, init))
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  }
}

export interface Sent {
  readonly method?: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly payload?: Uint8Array | string
}

export interface Answered {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Over a connection of its own. `payload` is announced by its length. */
export async function send(port: number, { method = 'GET', url, headers, payload }: Sent): Promise<Answered> {
  const announced = payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) }
  const request = open({
    ...{ port, host: '127.0.0.1', method, path: url, agent: false },
    headers: { ...headers, ...announced } as Record<string, string>
  })
  request.end(payload)
  return answerTo(request)
}

/** Once the whole answer is there; then the connection is given up, whatever of the request is still to come. */
export async function answerTo(request: ReturnType<typeof open>): Promise<Answered> {
  request.on('error', () => {})
  const [response]: [IncomingMessage] = (await once(request, 'response')) as never
  const body = Buffer.concat(await response.toArray()).toString()
  request.destroy()
  return { status: response.statusCode!, headers: response.headers, body }
}
