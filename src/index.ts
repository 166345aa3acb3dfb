/** The Fastify plugin, and the public names. */
export { type CloudEvent, toCloudEvent } from './cloud-event.ts'
export type { Reason } from './errors.ts'
export type { DeliveryOf, FunctionHandlerOptions } from './handler.ts'
export { Handler, type HandlerContext, handles, is, on, withPayloads } from './handler.ts'
export type { Rejection, Webhooks, WebhooksOptions } from './options.ts'
export { default } from './plugin.ts'
export type { Delivery, Receiver, Reply } from './receiver.ts'
export { DEFAULT_RETRY, Reject, Retry, type RetryOptions } from './retry.ts'
