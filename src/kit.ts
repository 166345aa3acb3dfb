/** All that a receiver or a handler may import; public as `posthorn/kit`. It loads no heavy library by itself. */
export { peek, peekPairs } from './body/body.ts'
export { parseJsonText } from './body/json.ts'
export type { FilePart } from './body/multipart.ts'
export { parseXml } from './body/xml.ts'
export { bySettings } from './by-settings.ts'
export { challenge } from './challenge.ts'
export { type CloudEvent, toCloudEvent } from './cloud-event.ts'
export { consent } from './consent.ts'
export { ForwardFailed, InvalidHandler, type Reason } from './errors.ts'
export {
  type Accept,
  type AnyHandler,
  type DeliveryFor,
  type DeliveryOf,
  Handler,
  type HandlerContext,
  handles,
  is,
  type Logger,
  on,
  withPayloads
} from './handler.ts'
export type {
  Answer,
  AnyReceiver,
  BodyKind,
  Carries,
  Covers,
  Credentials,
  Delivery,
  Description,
  Handshake,
  Receiver,
  Reply,
  Scheme,
  Stage,
  Unusable,
  Verdict,
  Verified,
  WebhookRequest
} from './receiver.ts'
export { DEFAULT_RETRY, Reject, Retry, type RetryOptions } from './retry.ts'
export { anyOf } from './schemes/any-of.ts'
export { basic } from './schemes/basic.ts'
export { type CertificateOptions, certificate } from './schemes/certificate.ts'
export { equalMacs, equalSecrets } from './schemes/compare.ts'
export { type EcdsaOptions, ecdsa } from './schemes/ecdsa.ts'
export { type Ed25519Options, ed25519 } from './schemes/ed25519.ts'
export { github } from './schemes/github.ts'
export { type HmacOptions, hmac } from './schemes/hmac.ts'
export { hubspot } from './schemes/hubspot.ts'
export { ip } from './schemes/ip.ts'
export { type JwtOptions, jwt } from './schemes/jwt.ts'
export { fields, type Layout, list, plain } from './schemes/layout.ts'
export { none } from './schemes/none.ts'
export { field, fieldByKind, header, type Place, query } from './schemes/place.ts'
export { type StandardWebhooksOptions, standardWebhooks } from './schemes/standard-webhooks.ts'
export { stripe } from './schemes/stripe.ts'
export type { TimeFormat } from './schemes/timestamp.ts'
export { type TokenOptions, token } from './schemes/token.ts'
export { asList, isOn } from './settings.ts'
export { date, echo, joined, text } from './values.ts'
