import createError from '@fastify/error'

/**
 * Why a request was refused, by the constant that logs and `onRejected` carry. Never told to the sender: outwards
 * every failed proof looks the same.
 */
export const reasons = {
  'secret-missing': 'the instance has no secret to check against',
  'settings-unusable': 'the settings of the instance choose no proof',
  'signature-missing': 'the request carries no signature',
  'signature-malformed': 'the signature came twice or is not in the form the provider sends',
  'signature-mismatch': 'the signature is not the one that this secret, body and URL give',
  'timestamp-missing': 'the request carries no timestamp',
  'timestamp-malformed': 'the timestamp came twice or is not in the form the provider sends',
  'timestamp-outside-tolerance': 'the request was signed too long ago, or in the future: a replay, or a clock is wrong',
  'token-missing': 'the request carries no token or code',
  'token-malformed': 'the token or code came twice or in a wrong form',
  'token-mismatch': 'the token or code is not the configured one',
  'certificate-url': 'the certificate lies at a URL that is not the provider’s',
  'certificate-invalid': 'the certificate is not valid now, or was not made for the provider',
  'key-unavailable': 'the provider’s certificate or key could not be fetched now',
  'origin-not-allowed': 'the request names a topic or origin that the settings do not list',
  'address-missing': 'the address of the sender is not known',
  'address-not-allowed': 'the request comes from an address that is not the provider’s',
  'challenge-malformed': 'the handshake lacks what it should ask',
  'challenge-mismatch': 'the handshake carries a wrong verify token',
  'proof-failed': 'the scheme threw an error while it checked the proof',
  method: 'the receiver does not take this method',
  'https-required': 'the proof does not cover the body, so the receiver demands HTTPS',
  'unknown-receiver': 'no receiver of this name is registered',
  'unknown-instance': 'the receiver has no instance of this id',
  'credentials-unavailable': 'the credentials could not be looked up now, or are unusable',
  'inbox-full': 'more is waiting to be stored than fits into memory',
  'not-ready': 'the webhooks could not start yet, or are closed',
  'store-unavailable': 'the store of the inbox is down, full or locked',
  'store-refused': 'the store of the inbox can never keep this request',
  'content-encoding': 'the body is compressed',
  'body-too-large': 'the body is larger than the receiver’s limit',
  'body-timeout': 'the body did not arrive in time',
  'body-aborted': 'the sender closed the connection before the body was whole',
  'body-not-utf8': 'the body is not valid UTF-8',
  'body-malformed': 'the body proved itself, but is not in the format it should be',
  'event-missing': 'the request proved itself, but names no event',
  'describe-failed': 'the receiver could not describe the request'
} as const

export type Reason = keyof typeof reasons

/** `delivery.data` or `message.body` was read and the body is not what its kind says. */
export const MalformedBody = createError(
  'WEBHOOKS_MALFORMED_BODY',
  'The body is no valid %s: %s. It proved itself, so the provider sent it like this.',
  400
)

export const InvalidHandler = createError('WEBHOOKS_INVALID_HANDLER', 'The handler %s cannot be used: %s.', 500)

export const InvalidConfiguration = createError('WEBHOOKS_INVALID_CONFIGURATION', 'The webhooks cannot start:\n%s', 500)

export const CredentialsUnavailable = createError(
  'WEBHOOKS_CREDENTIALS_UNAVAILABLE',
  'There are no credentials to check this request with: %s. The provider was told to try again.',
  503
)

export const AlreadyRegistered = createError(
  'WEBHOOKS_ALREADY_REGISTERED',
  'The decorator app.%s exists already. Give this registration another name with the option `decorateAs`.',
  500
)

export const BodyAlreadyRead = createError(
  'WEBHOOKS_BODY_ALREADY_READ',
  'The body was read before Posthorn could, and what is signed are its exact bytes. %s',
  500
)

export const HandlerTimeout = createError(
  'WEBHOOKS_HANDLER_TIMEOUT',
  'The handler %s was not done after %s ms. Make it faster, or raise its `timeout`.',
  500
)

export const ForwardFailed = createError('WEBHOOKS_FORWARD_FAILED', 'Did not forward the request to %s: %s.', 502)

export const FetchRefused = createError('WEBHOOKS_FETCH_REFUSED', 'Did not fetch %s: %s.', 503)

export const StoreUnavailable = createError(
  'WEBHOOKS_STORE_UNAVAILABLE',
  'The store %s cannot be used now: %s. Nothing was changed; try again.',
  503
)

export const SchemaTooNew = createError(
  'WEBHOOKS_SCHEMA_TOO_NEW',
  'The store %s has schema %s, this version of posthorn knows %s. Update posthorn here too.',
  500
)

export const InvalidStore = createError('WEBHOOKS_INVALID_STORE', 'The store cannot be used: %s.', 500)

export const InvalidInboxCall = createError('WEBHOOKS_INVALID_INBOX_CALL', 'The inbox cannot do this: %s.', 400)

export const LeaseLost = createError(
  'WEBHOOKS_LEASE_LOST',
  'This try of the delivery is over: it took too long, or another worker has it. Nothing more of it is kept.',
  500
)

export const InlineTimeout = createError(
  'WEBHOOKS_INLINE_TIMEOUT',
  'The inline handlers were not done after %s ms, so the answer went out without them. The inbox goes on.',
  500
)

export const NeverEnded = createError(
  'WEBHOOKS_NEVER_ENDED',
  'The delivery was claimed %s times and never ended: the process may have died with it. Look at the handler %s.',
  500
)

export const StoreRefused = createError(
  'WEBHOOKS_STORE_REFUSED',
  'The store %s refuses this delivery: %s. Nothing of it was stored, and another try ends the same.',
  500
)

/** For the command line: the user asked for something that is not there. */
export const InvalidCommand = createError('WEBHOOKS_INVALID_COMMAND', '%s', 400)

/** For tests: a request that was asked for can’t be made. */
export const InvalidSample = createError(
  'WEBHOOKS_INVALID_SAMPLE',
  'Cannot make a request of %s for the event %s: %s.',
  400
)
