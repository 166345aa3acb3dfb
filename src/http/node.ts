/** Webhooks in a server of Node's `http` or `https`, without a framework; public as `posthorn/node`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pathOf } from '../incoming.ts'
import { Hosted, type HostedOptions, prepare } from './hosted.ts'
import { callOf, write } from './node-call.ts'
import { NOWHERE, routeOf } from './route.ts'

export type { HostedOptions } from './hosted.ts'

const REMEDY = 'Give `webhooks.listener` the request before anything reads from it.'

export class NodeWebhooks extends Hosted {
  /** For `createServer`. What is not under the prefix gets 404. */
  readonly listener = (request: IncomingMessage, response: ServerResponse): void => {
    const target = request.url ?? ''
    const route = routeOf(pathOf(target), this.prefix) ?? NOWHERE
    const { remoteAddress: address } = request.socket
    const isSecure = 'encrypted' in request.socket
    this.serve(callOf(request, { route, target, address, isSecure, log: this.log, remedy: REMEDY }))
      .then(reply => write(response, reply))
      .catch(err => {
        this.log.error({ ...route, err }, 'webhook failed')
        if (response.headersSent) response.destroy()
        else write(response, { status: 500 })
      })
  }
}

/** Rejects with `InvalidConfiguration` and `InvalidHandler`. */
export async function createWebhooks(options: HostedOptions): Promise<NodeWebhooks> {
  return new NodeWebhooks(await prepare(options))
}
