/** Webhooks in Express 4 and 5; public as `posthorn/express`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pathOf } from '../incoming.ts'
import { Hosted, type HostedOptions, prepare } from './hosted.ts'
import { callOf, write } from './node-call.ts'
import { routeOf } from './route.ts'

export type { HostedOptions } from './hosted.ts'

const REMEDY = 'Put `app.use(webhooks.middleware)` before `express.json()` and every other body parser.'

/** What Express adds to Node's request. */
export interface ExpressRequest extends IncomingMessage {
  /** The whole path, where the middleware hangs under another one. */
  readonly originalUrl: string
  /** With `trust proxy` the proxy's word. */
  readonly protocol: string
  /** The socket's; with `trust proxy` the proxy's word. */
  readonly ip?: string | undefined
}

export class ExpressWebhooks extends Hosted {
  /**
   * For `app.use`, before any body parser. What is not under the prefix goes on to whatever comes next; what it can't
   * answer, such as a body that was read before, goes to the application's error handler.
   */
  readonly middleware = (request: ExpressRequest, response: ServerResponse, next: (error?: unknown) => void): void => {
    const route = routeOf(pathOf(request.url ?? ''), this.prefix)
    if (route === undefined) {
      next()
      return
    }
    const { originalUrl: target, ip: address, protocol } = request
    const isSecure = protocol === 'https'
    this.serve(callOf(request, { route, target, address, isSecure, log: this.log, remedy: REMEDY }))
      .then(reply => write(response, reply))
      .catch(next)
  }
}

/** Rejects with `InvalidConfiguration` and `InvalidHandler`. */
export async function createWebhooks(options: HostedOptions): Promise<ExpressWebhooks> {
  return new ExpressWebhooks(await prepare(options))
}
