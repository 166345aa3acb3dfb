import { date, header, jwt, type Receiver, text } from '../src/kit.ts'

/**
 * A push of Google Cloud Pub/Sub, with authentication on: its token is signed by Google for anybody who asks, so its
 * audience and service account are settings. The body is not signed. Wrapped messages alone: id and time are the message's,
 * `data` is base64. Every message is the event `message`; an ordering key, where there is one, keeps the order.
 */
export const googlePubsub: Receiver<'google-pubsub', GooglePubsubEvents> = {
  name: 'google-pubsub',
  docs: 'https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions',
  scheme: jwt({
    place: header('authorization'),
    prefix: 'Bearer ',
    algorithm: 'RS256',
    keys: 'https://www.googleapis.com/oauth2/v3/certs',
    maxAge: 3600,
    covers: { body: false, time: true },
    check: ({ iss, aud, exp, email, email_verified: isVerified }, _request, settings) =>
      (iss === 'https://accounts.google.com' || iss === 'accounts.google.com') &&
      aud !== undefined &&
      aud === settings.audience &&
      email !== undefined &&
      email === settings['service-account'] &&
      isVerified === true &&
      exp !== undefined
        ? undefined
        : 'token-mismatch',
    sample: {
      claims: () => ({
        iss: 'https://accounts.google.com',
        aud: 'https://example.com/webhooks',
        email: 'push@example.iam.gserviceaccount.com',
        email_verified: true
      }),
      settings: { audience: 'https://example.com/webhooks', 'service-account': 'push@example.iam.gserviceaccount.com' }
    }
  }),
  settings: ['audience', 'service-account'],
  // A message has 10 MB at most, and base64 makes a third more of it.
  limit: 14 * 1024 * 1024,
  describe: ({ body: { message, subscription } }) => ({
    event: text(message?.messageId) && 'message',
    id: text(message?.messageId),
    occurredAt: date(message?.publishTime, 'iso'),
    subject: text(message?.orderingKey),
    account: text(subscription)
  })
}

export interface GooglePubsubEvents {
  message: GooglePubsubPush
}

export interface GooglePubsubPush {
  message: {
    messageId: string
    publishTime: string
    /** What was published, in base64. */
    data?: string
    attributes?: Record<string, string>
    orderingKey?: string
  }
  /** `projects/<project>/subscriptions/<name>` */
  subscription: string
  deliveryAttempt?: number
}
