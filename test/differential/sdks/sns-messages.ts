/** Messages of Amazon SNS: valid ones, how they are signed, and what is done to them. */
import { createPrivateKey, sign } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { certificateFixture } from '../../../src/schemes/test-keys.ts'
import type { Random } from '../../../src/testing/random.ts'
import { onBody, reserialised } from '../bodies.ts'
import { type Mutations, spellings } from '../mutations.ts'
import type { Trial } from '../trial.ts'

export const NOW = new Date('2026-01-01T00:00:00Z')
export const TYPES = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']
export const TOPIC = 'arn:aws:sns:us-east-1:123456789012:MyTopic'
const key = createPrivateKey(certificateFixture.privateKey)

export const notification = {
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: TOPIC,
  Subject: 'Grüße',
  Message: 'First\nSecond 😀',
  Timestamp: '2026-01-01T00:00:00.000Z',
  SignatureVersion: '2',
  SigningCertURL: 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-test.pem',
  UnsubscribeURL: 'https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe'
}
export const confirmation = {
  ...notification,
  Type: 'SubscriptionConfirmation',
  Subject: undefined,
  Token: '2336412f37',
  SubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=2336412f37`
}

export function valid(message: object): Trial {
  return {
    done: [],
    headers: [
      ['Content-Type', 'text/plain; charset=UTF-8'],
      ['x-amz-sns-message-type', 'Notification']
    ],
    url: 'https://example.com/webhooks',
    body: Buffer.from(JSON.stringify(message)),
    secret: '',
    time: '',
    now: NOW
  }
}

export const NOTIFIED = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'TopicArn', 'Type']
export const CONFIRMED = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']

/** By the names that are signed; the package takes another list than the documentation for the end of a subscription. */
export function signed(trial: Trial, namesOf: (type: unknown) => readonly string[]): Trial {
  const body = reserialised(trial.body, message => {
    if (Array.isArray(message)) return JSON.stringify(message)
    const names = namesOf(message.Type).filter(name => message[name] !== undefined && message[name] !== null)
    const text = names.map(name => `${name}\n${message[name]}\n`).join('')
    const hash = message.SignatureVersion === '1' ? 'sha1' : 'sha256'
    return JSON.stringify({ ...message, Signature: sign(hash, Buffer.from(text), key).toString('base64') })
  })
  return { ...trial, body }
}

/** An empty one where the body is none. */
export function messageOf({ body }: Trial): Message {
  try {
    return Object(JSON.parse(body.toString()))
  } catch {
    return {}
  }
}

/** Undefined where the change changes nothing. */
export function messageUndone(trial: Trial, undo: (message: Message) => Message): Trial | undefined {
  const message = messageOf(trial)
  const undone = undo({ ...message })
  return isDeepStrictEqual(undone, message) ? undefined : { ...trial, body: Buffer.from(JSON.stringify(undone)) }
}

export type Message = Record<string, any>

/** Changes of what the body says. */
function onMessage(changes: Record<string, (message: Message, random: Random) => Message>): Mutations {
  return onBody(
    Object.fromEntries(
      Object.entries(changes).map(([name, change]) => [
        name,
        (body: Buffer, random: Random) => reserialised(body, message => JSON.stringify(change(message, random)))
      ])
    )
  )
}

const PROOF = ['Signature', 'SigningCertURL', 'SignatureVersion']
const NAMES = [...CONFIRMED, ...PROOF, 'UnsubscribeURL']
const HOSTS = [
  'sns.eu-west-1.amazonaws.com',
  'sns.cn-north-1.amazonaws.com.cn',
  'sns.s3-us-west-2.amazonaws.com',
  'sns.abc.amazonaws.com',
  'sns.amazonaws.com',
  'evil.example',
  'sns.us-east-1.amazonaws.com.evil.example',
  'SNS.us-east-1.amazonaws.com',
  'sns.us-east-1.amazonaws.com:443',
  'user@sns.us-east-1.amazonaws.com',
  'evil.example\\@sns.us-east-1.amazonaws.com'
]
const PATHS = [
  '/x.pem',
  '/x.PEM',
  '/x.pem?y=1',
  '/x?y=.pem',
  '/x/y.pem',
  '/../x.pem',
  '/x.pem#y',
  '/x.txt',
  '/',
  '/x%2e.pem',
  '/ x.pem'
]

const edits = Object.entries(spellings)
export const values = onMessage({
  'a value in another spelling': (message, random) => {
    const name = random.pick(NAMES)
    const [, edit] = random.pick(edits)
    return typeof message[name] === 'string' ? { ...message, [name]: edit(message[name], random) } : message
  },
  'the signature in another spelling': (message, random) => {
    const [, edit] = random.pick(edits)
    return { ...message, Signature: edit(String(message.Signature), random) }
  },
  'the signature with junk': (message, random) => ({
    ...message,
    Signature: String(message.Signature).replace(/^(.{9})/, `$1${random.pick(['\n', ' ', '-', '%', '!'])}`)
  }),
  'the signature in URL-safe base64': message => ({
    ...message,
    Signature: String(message.Signature).replaceAll('+', '-').replaceAll('/', '_')
  }),
  'a field left out': (message, random) => ({ ...message, [random.pick(NAMES)]: undefined }),
  'a field set to null': (message, random) => ({ ...message, [random.pick(NAMES)]: null }),
  'a field that is no text': (message, random) => {
    const name = random.pick(NAMES)
    return { ...message, [name]: random.pick([[message[name]], { toString: 1 }, 7, true, [], '']) }
  },
  'a field added': (message, random) => ({
    ...message,
    [random.pick([...NAMES, 'Extra', 'toString', 'constructor'])]: random.pick(['x', '', '1'])
  }),
  'a line break in a value': (message, random) => {
    const name = random.pick(CONFIRMED)
    return { ...message, [name]: `${message[name]}\n${random.pick(CONFIRMED)}` }
  },
  'another type': (message, random) => ({ ...message, Type: random.pick([...TYPES, 'Other', 'notification']) }),
  'a confirmation elsewhere': message => ({
    ...message,
    SubscribeURL: 'https://evil.example/?Action=ConfirmSubscription&x'
  }),
  'the end of a subscription': message => ({ ...message, Type: 'UnsubscribeConfirmation' }),
  'another version': (message, random) => ({
    ...message,
    SignatureVersion: random.pick(['1', '2', '3', '', 2, ' 2', '02'])
  }),
  'another topic': message => ({ ...message, TopicArn: 'arn:aws:sns:us-east-1:999999999999:Theirs' }),
  'a certificate elsewhere': (message, random) => ({
    ...message,
    SigningCertURL: `https://${random.pick(HOSTS)}${random.pick(PATHS)}`
  }),
  'a certificate on another host': (message, random) => ({
    ...message,
    SigningCertURL: `https://${random.pick(HOSTS)}/x.pem`
  }),
  'a certificate at another path': (message, random) => ({
    ...message,
    SigningCertURL: `https://sns.us-east-1.amazonaws.com${random.pick(PATHS)}`
  }),
  'a certificate without TLS': message => ({
    ...message,
    SigningCertURL: String(message.SigningCertURL).replace('https:', 'http:')
  }),
  'names as in Lambda': ({ SigningCertURL: url, ...message }) => ({ ...message, SigningCertUrl: url }),
  'a name as in Lambda too': message => ({ ...message, SigningCertUrl: 'https://evil.example/x.pem' })
})
