import { kindOf } from '../../body/body.ts'
import { type Reason, StoreUnavailable } from '../../errors.ts'
import type { Logger } from '../../handler.ts'
import type { AnyReceiver, Credentials, Stage, WebhookRequest } from '../../receiver.ts'
import { carriedBy } from '../../redact.ts'
import type { Rejected, RejectedFilter, Store } from '../../store/store.ts'
import { type Page, pageOf } from '../page.ts'
import { Bucket } from './bucket.ts'
import { hashOf } from './carried.ts'
import { RejectedCounts } from './counts.ts'
import { withoutSecrets } from './hidden.ts'
import type { Hints } from './hints.ts'

/** How much of a body is kept, in bytes. */
export const MOST_BODY = 64 * 1024
const MOST_KEPT = 1_000
/** That may wait to be kept. */
const MOST_WAITING = 50
/** Browsers, scanners, and handshakes that went wrong: no delivery would come of them, and a token may stand anywhere. */
const NO_PROOFS: readonly Reason[] = ['method', 'challenge-malformed', 'challenge-mismatch']

export interface RejectedParts {
  /** When it is down, whoever gives it says so in the log. */
  readonly store: Store
  readonly receivers: ReadonlyMap<string, AnyReceiver>
  readonly hints: Hints
  /** The store's. Asked for when something is kept. */
  readonly pepper: () => Uint8Array
  /** `false`: refused requests are only counted. Default: true. */
  readonly keepRejected?: boolean | undefined
  readonly log: Logger
}

/** A refused request, as the operator sees it: what may hold a secret is hidden, and its body is cut after 64 KiB. */
export interface RejectedRequest extends Omit<Rejected, 'at' | 'secretHash'> {
  readonly at: Date
}

/** The requests that failed their proof: the newest 1,000 are kept, ten a second at most. All are counted. */
export class RejectedRequests {
  readonly #parts: RejectedParts
  readonly #counts: RejectedCounts
  readonly #bucket = new Bucket({ burst: 50, perSecond: 10 })
  #waiting = 0
  #work: Promise<void> = Promise.resolve()

  constructor(parts: RejectedParts) {
    this.#parts = parts
    this.#counts = new RejectedCounts(parts.store, parts.log)
  }

  /** Newest first, without bodies. */
  async list(
    query: RejectedFilter & Page = {}
  ): Promise<{ readonly rejected: readonly RejectedRequest[]; readonly next: number | undefined }> {
    const { before, limit, ...filter } = query
    const page = pageOf({ before, limit })
    const found = await this.#parts.store.findRejected(filter, page)
    return { rejected: found.map(shown), next: found.length < page.limit ? undefined : found.at(-1)!.seq }
  }

  /** One, with its body. */
  async get(seq: number): Promise<RejectedRequest | undefined> {
    const found = await this.#parts.store.getRejected(seq)
    return found && shown(found)
  }

  /** Takes note of a refused request. Its answer doesn't wait for it, and it never throws. */
  keep(
    receiver: AnyReceiver,
    instance: string,
    stage: Stage,
    reason: Reason,
    request: WebhookRequest,
    credentials: Credentials
  ): void {
    this.#counts.add(receiver.name, reason)
    if (this.#parts.keepRejected === false || stage !== 'proof' || NO_PROOFS.includes(reason)) return
    if (this.#waiting >= MOST_WAITING || !this.#bucket.take()) return
    const refusal = { receiver, instance, stage, reason, credentials, at: Date.now(), size: request.body.length }
    // A copy, so that of a large body no more than this stays in memory.
    const cut =
      refusal.size > MOST_BODY ? { ...request, body: new Uint8Array(request.body.subarray(0, MOST_BODY)) } : request
    this.#waiting++
    this.#work = this.#work.then(() => this.#keep({ ...refusal, request: cut })).finally(() => this.#waiting--)
  }

  /** Writes what is still to be written. */
  async close(): Promise<void> {
    await this.#work
    await this.#counts.close()
  }

  async #keep(refusal: Refusal): Promise<void> {
    try {
      await this.#parts.store.addRejected(await this.#rejectedOf(refusal), MOST_KEPT)
    } catch (err) {
      if (!(err instanceof StoreUnavailable)) this.#parts.log.warn({ err }, 'a refused request could not be kept')
    }
  }

  async #rejectedOf({ receiver, instance, stage, reason, request, size, credentials, at }: Refusal) {
    const { receivers, hints, pepper } = this.#parts
    const isWhole = size === request.body.length
    const carries = carriedBy(receiver, credentials.settings)
    return {
      at,
      receiver: receiver.name,
      instance,
      stage,
      reason,
      hint: isWhole ? await hints.hint(receiver, instance, { request, credentials, reason, at }) : undefined,
      request: withoutSecrets({ receiver, credentials, reason, request, isWhole }, receivers.values()),
      size,
      secretHash: hashOf(request, kindOf(receiver, request), isWhole ? carries : { ...carries, fields: [] }, pepper())
    }
  }
}

interface Refusal {
  readonly receiver: AnyReceiver
  readonly instance: string
  readonly stage: Stage
  readonly reason: Reason
  /** Its body is cut to what is kept. */
  readonly request: WebhookRequest
  readonly size: number
  readonly credentials: Credentials
  readonly at: number
}

function shown({ secretHash: _, at, ...rejected }: Rejected): RejectedRequest {
  return { ...rejected, at: new Date(at) }
}
