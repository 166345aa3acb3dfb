/** What a provider knows: what it sent, and what was acknowledged. The store is held to it afterwards. */
import { type Answer, type Signed, send } from './requests.ts'

/** A request, sent once or more often. Its moments count what happened to the provider: no clock. */
export interface Sent {
  readonly request: Signed
  readonly sentAt: number
  /** When its first 2xx came. */
  acknowledgedAt: number | undefined
  copies: number
}

export class Notes {
  readonly sent: Sent[] = []
  /** Requests without an answer. */
  unanswered = 0
  /** Told to come again later. */
  refused = 0
  /** A 503 that does not say when: Fastify's own, while it closes. */
  turnedAway = 0
  /** Whatever else was answered. */
  readonly strange: number[] = []
  /** How many requests were acknowledged. */
  count = 0
  readonly port: number
  #moment = 0

  constructor(port: number) {
    this.port = port
  }

  get acknowledged(): Sent[] {
    return this.sent.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined)
  }

  /** A request that is going to be sent. */
  add(request: Signed): Sent {
    const sent: Sent = { request, sentAt: ++this.#moment, acknowledgedAt: undefined, copies: 0 }
    this.sent.push(sent)
    return sent
  }

  /** For the first time, or again. */
  async send(sent: Sent): Promise<Answer | undefined> {
    sent.copies++
    const answer = await send(this.port, sent.request)
    const moment = ++this.#moment
    if (answer === undefined) this.unanswered++
    else if (answer.status === 200) this.#acknowledge(sent, moment)
    else if (answer.status !== 503) this.strange.push(answer.status)
    else if (answer.retryAfter === undefined) this.turnedAway++
    else this.refused++
    return answer
  }

  #acknowledge(sent: Sent, moment: number): void {
    if (sent.acknowledgedAt !== undefined) return
    sent.acknowledgedAt = moment
    this.count++
  }

  /** A new request, once. */
  first(request: Signed): Promise<Answer | undefined> {
    return this.send(this.add(request))
  }
}
