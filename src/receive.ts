import { STATUS_CODES } from 'node:http'
import { bodyOf, kindOf, type Parsed, readBody } from './body/body.ts'
import { ReceivedDelivery } from './delivery.ts'
import { MalformedBody, type Reason } from './errors.ts'
import type {
  Answer,
  AnyReceiver,
  BodyKind,
  Credentials,
  Delivery,
  Description,
  Handshake,
  Reply,
  Stage,
  Verdict,
  Verified,
  WebhookRequest
} from './receiver.ts'
import { redact } from './redact.ts'
import { after, isPromise, type Soon } from './soon.ts'

export type Outcome =
  | { readonly kind: 'answered'; readonly reply: Reply; readonly notice?: string | undefined }
  | {
      readonly kind: 'rejected'
      readonly stage: Stage
      readonly reason: Reason
      readonly reply: Reply
      /** For the log, where something threw. */
      readonly error?: unknown
      /** What has proved itself all the same, and must not be lost: at the stages body and describe. */
      readonly proven?: Proven
    }
  | {
      readonly kind: 'accepted'
      readonly reply: Reply
      readonly deliveries: readonly Delivery[]
      /** Of the deliveries, in their order. */
      readonly descriptions: readonly Description[]
      /** Which of the instance's secrets matched. */
      readonly secret: number
      readonly proven: Proven
    }

/** A request that has proved itself, as everybody behind the proof may see it. */
export interface Proven {
  readonly request: WebhookRequest
  /** How its body is read. */
  readonly kind: BodyKind
  readonly secret: number
}

const RETRY_AFTER = '30'

/**
 * One request: handshake, verify, parse, describe. Knows no framework, no clock and no store, and does not throw.
 * Header names are expected in lower case.
 */
export function receive(
  receiver: AnyReceiver,
  instance: string,
  request: WebhookRequest,
  credentials: Credentials,
  now: Date
): Soon<Outcome> {
  const handshakes = receiver.handshakes?.filter(handshake => takes(handshake, request.method)) ?? []
  const isDelivery = (receiver.methods ?? ['POST']).includes(request.method)

  const unsigned = handshakes.filter(handshake => handshake.trust === 'unsigned')
  return after(greet(receiver, 'proof', unsigned, request, credentials), greeted => {
    if (greeted !== undefined) return greeted
    if (!isDelivery && handshakes.length === 0) return methodNotAllowed(receiver)

    return after(verify(receiver, request, credentials, now), verdict => {
      if (verdict.ok !== true) return reject(receiver, 'proof', verdict.reason, verdict.error)

      const message = hidden(receiver, request, credentials)
      const verified = handshakes.filter(handshake => handshake.trust === 'verified')
      return after(greet(receiver, 'body', verified, message, credentials), greeted => {
        if (greeted !== undefined) {
          const isLost = greeted.kind === 'rejected' && greeted.stage === 'body'
          return isLost ? { ...greeted, proven: message.proven(verdict.secret) } : greeted
        }
        if (!isDelivery) return methodNotAllowed(receiver)
        return describe(receiver, instance, message, credentials, verdict.secret, now)
      })
    })
  })
}

/**
 * Describes a stored request with what the receiver's code says today. Its proof is not asked for again: it was accepted
 * when it came, at `receivedAt`.
 */
export function describeAnew(
  receiver: AnyReceiver,
  instance: string,
  request: WebhookRequest,
  credentials: Credentials,
  receivedAt: Date
): Outcome {
  const message = hidden(receiver, request, credentials)
  return describe(receiver, instance, message, credentials, 0, receivedAt)
}

function describe(
  receiver: AnyReceiver,
  instance: string,
  message: ProvenRequest,
  credentials: Credentials,
  secret: number,
  now: Date
): Outcome {
  const proven = message.proven(secret)
  try {
    const described = receiver.describe(message, credentials)
    const given: readonly Description[] = Array.isArray(described) ? described : [described as Description]
    const arrival = { receiver: receiver.name, instance, receivedAt: now, attempt: 1 }
    const descriptions: Description[] = []
    const deliveries: Delivery[] = []
    for (const described of given) {
      if (typeof described.event !== 'string' || described.event === '') {
        return { ...reject(receiver, 'body', 'event-missing'), proven }
      }
      const description = withoutBody(described, message)
      descriptions.push(description)
      deliveries.push(new ReceivedDelivery(message, description, arrival))
    }
    const reply = typeof receiver.accepted === 'function' ? receiver.accepted(message) : receiver.accepted
    return { kind: 'accepted', reply: reply ?? { status: 200 }, deliveries, descriptions, secret, proven }
  } catch (error) {
    const rejected =
      error instanceof MalformedBody
        ? reject(receiver, 'body', 'body-malformed', error)
        : reject(receiver, 'describe', 'describe-failed', error)
    return { ...rejected, proven }
  }
}

/** Data that is the whole body is left out: it would be stored, and read, beside the request that it stands in. */
function withoutBody(description: Description, message: ProvenRequest): Description {
  if (!message.isRead || description.data !== message.body) return description
  const { data: _, ...rest } = description
  return rest
}

type Greeting<Message> = { reply(message: Message, credentials: Credentials): Soon<Answer> }

/** What the first handshake answers that has an answer. `stage`: where a malformed body is refused. */
function greet<Message>(
  receiver: AnyReceiver,
  stage: Stage,
  handshakes: readonly Greeting<Message>[],
  message: Message,
  credentials: Credentials
): Soon<Outcome | undefined> {
  for (const [index, handshake] of handshakes.entries()) {
    const answered = ask(receiver, stage, () => handshake.reply(message, credentials))
    if (isPromise(answered)) {
      const others = handshakes.slice(index + 1)
      return answered.then(outcome => outcome ?? greet(receiver, stage, others, message, credentials))
    }
    if (answered !== undefined) return answered
  }
  return undefined
}

function ask(receiver: AnyReceiver, stage: Stage, reply: () => Soon<Answer>): Soon<Outcome | undefined> {
  const failed = (error: unknown) =>
    error instanceof MalformedBody
      ? reject(receiver, stage, 'body-malformed', error)
      : reject(receiver, 'proof', 'proof-failed', error)
  try {
    const answer = after(reply(), given => outcomeOf(receiver, given))
    return isPromise(answer) ? answer.catch(failed) : answer
  } catch (error) {
    return failed(error)
  }
}

function outcomeOf(receiver: AnyReceiver, answer: Answer): Outcome | undefined {
  if (answer === undefined) return undefined
  if ('reject' in answer) {
    const rejected = reject(receiver, 'proof', answer.reject)
    return answer.status === undefined ? rejected : { ...rejected, reply: { status: answer.status } }
  }
  const { notice, ...reply } = answer
  return { kind: 'answered', reply, notice }
}

function takes(handshake: Handshake, method: string): boolean {
  return handshake.methods === undefined ? method === 'POST' : handshake.methods.includes(method)
}

type Judged = Verdict & { readonly error?: unknown }

/** A scheme that throws, or gives what is no verdict, has proven nothing. Most schemes answer at once: then no promise is made. */
function verify(receiver: AnyReceiver, request: WebhookRequest, credentials: Credentials, now: Date): Soon<Judged> {
  try {
    const verdict = after(receiver.scheme.verify(request, credentials, now), checked)
    return isPromise(verdict) ? verdict.catch(unproven) : verdict
  } catch (error) {
    return unproven(error)
  }
}

function checked(verdict: Verdict): Judged {
  return verdict.ok === true || verdict.ok === false ? verdict : unproven()
}

function unproven(error?: unknown): Judged {
  return { ok: false, reason: 'proof-failed', error }
}

type Rejected = Extract<Outcome, { kind: 'rejected' }>

function reject(receiver: AnyReceiver, stage: Stage, reason: Reason, error?: unknown): Rejected {
  const reply =
    reason === 'key-unavailable'
      ? { status: 503, headers: { 'retry-after': RETRY_AFTER } }
      : (receiver.rejected?.(stage) ?? { status: stage === 'proof' ? 401 : 400 })
  return error === undefined
    ? { kind: 'rejected', stage, reason, reply }
    : { kind: 'rejected', stage, reason, reply, error }
}

function methodNotAllowed(receiver: AnyReceiver): Rejected {
  const reply = { status: 405, headers: { allow: methodsOf(receiver).join(', ') } }
  return { kind: 'rejected', stage: 'proof', reason: 'method', reply }
}

/** All methods that a receiver takes, for deliveries and handshakes. */
export function methodsOf(receiver: AnyReceiver): string[] {
  const handshakes = receiver.handshakes?.flatMap(({ methods }) => methods ?? ['POST']) ?? []
  return [...new Set([...(receiver.methods ?? ['POST']), ...handshakes])]
}

/** Without its secrets, as everybody behind the proof may see it. */
function hidden(receiver: AnyReceiver, request: WebhookRequest, { settings }: Credentials): ProvenRequest {
  const kind = kindOf(receiver, request)
  return new ProvenRequest(redact(receiver, request, kind, settings), kind)
}

/** A request whose secrets are hidden already. */
export class ProvenRequest implements Verified {
  readonly request: WebhookRequest
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly kind: BodyKind
  #parsed: Parsed | undefined

  constructor(request: WebhookRequest, kind: BodyKind) {
    this.request = request
    this.kind = kind
    this.headers = single(request.headers)
  }

  proven(secret: number): Proven {
    return { request: this.request, kind: this.kind, secret }
  }

  /** Whether somebody has asked for the body, and got it. */
  get isRead(): boolean {
    return this.#parsed !== undefined && 'value' in this.#parsed
  }

  get body(): any {
    this.#parsed ??= readBody(this.request, this.kind)
    return bodyOf(this.#parsed)
  }
}

/** The headers that came once. A list is a provider's or a forger's doing, never something to take the first of. */
function single(headers: WebhookRequest['headers']): Readonly<Record<string, string | undefined>> {
  for (const name in headers) if (typeof headers[name] === 'object') return withoutLists(headers)
  return headers as Readonly<Record<string, string | undefined>>
}

function withoutLists(headers: WebhookRequest['headers']): Readonly<Record<string, string | undefined>> {
  const single = Object.entries(headers).map(([name, value]) => [name, typeof value === 'object' ? undefined : value])
  return Object.fromEntries(single)
}

/** What an answer says where the receiver gives no body of its own: the status in words, and nothing of the reason. */
export function plainBody(status: number): { readonly error: string } {
  return { error: STATUS_CODES[status] ?? 'Error' }
}
