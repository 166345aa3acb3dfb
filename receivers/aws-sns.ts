import {
  type Answer,
  asList,
  type Credentials,
  certificate,
  date,
  field,
  peek,
  type Receiver,
  text,
  type Verified
} from '../src/kit.ts'

/** Regions alone: a bucket named `sns` would answer as `sns.s3-us-west-2.amazonaws.com`. */
const REGION = '[a-z]{2}(?:-[a-z]+)+-\\d+'
const DOMAIN = 'amazonaws\\.com(?:\\.cn)?'
const HOST = new RegExp(`^sns\\.${REGION}\\.${DOMAIN}$`)
const SUBJECT = new RegExp(`^sns(?:(?:[.-]|-signing\\.)${REGION})?\\.${DOMAIN}$`)
const CONFIRMATION = new RegExp(`^https://sns\\.${REGION}\\.${DOMAIN}/\\?Action=ConfirmSubscription&`)

/**
 * Signs the values of some fields with a certificate whose URL is another; `UnsubscribeURL` is not among them. Anybody
 * with an AWS account gets such signatures, so the setting `topic` lists whose are taken. A topic there that asks for a
 * confirmation is confirmed at once. Every message is the event `notification`, with its own id and time; `Message` is
 * the text that was published. Raw message delivery is not signed, hence refused.
 */
export const awsSns: Receiver<'aws-sns', AwsSnsEvents> = {
  name: 'aws-sns',
  docs: 'https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html',
  scheme: certificate({
    signature: field(['json'], 'Signature'),
    url: field(['json'], 'SigningCertURL'),
    from: { host: HOST, path: /^\/[\w-]+\.pem$/ },
    subject: SUBJECT,
    // No time: the policy of a subscription may retry for hours.
    covers: { body: 'values', time: false },
    origin: (request, { topic }) => asList(topic).includes(peek(request, 'json').TopicArn),
    content(request) {
      const message = peek(request, 'json')
      const hash = message.SignatureVersion === '2' ? 'sha256' : message.SignatureVersion === '1' ? 'sha1' : undefined
      const signed = signedText(message)
      return hash && signed !== undefined ? { hash, text: signed } : { reason: 'signature-malformed' }
    },
    announce: request => field(['json'], 'SignatureVersion').write(request, '2'),
    sample: { url: 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-test.pem' }
  }),
  settings: ['topic*'],
  handshakes: [{ trust: 'verified', reply: confirm }],
  describe: ({ body }) => ({
    event: body.Type === 'Notification' ? 'notification' : undefined,
    id: text(body.MessageId),
    occurredAt: date(body.Timestamp, 'iso'),
    subject: text(body.TopicArn),
    account: text(text(body.TopicArn)?.split(':')[4])
  })
}

/** `key\nvalue\n` for each signed field. Undefined where the message is none of SNS's. */
function signedText(message: any): string | undefined {
  const names = SIGNED.get(message.Type)
  if (names === undefined) return undefined
  let signed = ''
  for (const name of names) {
    const key = name.replace('?', '')
    const value = key === 'Subject' ? (message[key] ?? undefined) : message[key]
    if (value === undefined && name.endsWith('?')) continue
    // A second line could pass for the next field: signed values would move, say the subject into another MessageId.
    if (typeof value !== 'string' || (key !== 'Message' && value.includes('\n'))) return undefined
    signed += `${key}\n${value}\n`
  }
  return signed
}

/** With `?`: signed where it is there, so that it can't be slipped in where SNS sends none. */
const CONFIRMED = ['Message', 'MessageId', 'Subject?', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
const SIGNED = new Map([
  ['Notification', ['Message', 'MessageId', 'Subject?', 'SubscribeURL?', 'Timestamp', 'TopicArn', 'Type']],
  ['SubscriptionConfirmation', CONFIRMED],
  ['UnsubscribeConfirmation', CONFIRMED]
])

/** Whoever ended a subscription meant it: only a new one is confirmed, and only at SNS itself. */
async function confirm({ body }: Verified, { fetch }: Credentials): Promise<Answer> {
  if (body.Type === 'UnsubscribeConfirmation') {
    return { status: 200, notice: `The subscription to ${body.TopicArn} was ended. To restore it, subscribe again.` }
  }
  if (body.Type !== 'SubscriptionConfirmation') return undefined
  if (!CONFIRMATION.test(body.SubscribeURL)) return { reject: 'challenge-malformed' }
  return (await succeeds(fetch, body.SubscribeURL))
    ? { status: 200, notice: `The subscription to ${body.TopicArn} is confirmed.` }
    : {
        status: 503,
        headers: { 'retry-after': '30' },
        notice: `The subscription to ${body.TopicArn} could not be confirmed now; SNS asks again.`
      }
}

async function succeeds(fetch: Credentials['fetch'], url: string): Promise<boolean> {
  try {
    return (await fetch(url, { cache: 'no-store' })).ok
  } catch {
    return false
  }
}

export interface AwsSnsEvents {
  notification: AwsSnsNotification
}

export interface AwsSnsNotification {
  Type: 'Notification'
  MessageId: string
  TopicArn: string
  Subject?: string | null
  /** The text that was published, often JSON. */
  Message: string
  Timestamp: string
  MessageAttributes?: { [name: string]: { Type: string; Value: string } }
  /** Not signed. */
  UnsubscribeURL?: string
}
