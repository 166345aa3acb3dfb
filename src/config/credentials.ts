import { BoundedMap } from '../bounded.ts'
import { CredentialsUnavailable } from '../errors.ts'
import type { AnyReceiver } from '../receiver.ts'
import type { Configuration, CredentialsFunction, CredentialsOption } from './config.ts'
import {
  type CredentialsInput,
  credentialsOf,
  draftOf,
  type Findings,
  type InstanceCredentials,
  isId,
  missing
} from './instance.ts'

const LIFETIME = 60_000
const UNKNOWN_LIFETIME = 5_000
const MAX_ENTRIES = 10_000
/** A promise that never settles would otherwise hold its instance for ever: all wait for the one flight. */
const TIME_LIMIT = 10_000

type Found = InstanceCredentials | undefined

/**
 * The credentials for a request. Without a function they are those of the start, at once. With one, it is asked first,
 * for it knows what was revoked; where it knows nothing, those of the start count. What it can't answer is an error.
 */
export class CredentialsLookup {
  readonly #configuration: Configuration
  readonly #ask: CredentialsFunction | undefined
  readonly #known: ShortMemory<InstanceCredentials>
  /** Apart, so that a flood of invented ids can't push out the good ones. */
  readonly #unknown: ShortMemory<true>
  readonly #flights = new Map<string, Promise<Found>>()

  /** `now` in milliseconds; not the wall clock, which may be set back. */
  constructor(
    configuration: Configuration,
    credentials?: CredentialsOption,
    now: () => number = () => performance.now()
  ) {
    this.#configuration = configuration
    this.#ask = typeof credentials === 'function' ? credentials : undefined
    this.#known = new ShortMemory(LIFETIME, now)
    this.#unknown = new ShortMemory(UNKNOWN_LIFETIME, now)
  }

  /** Undefined: no such instance. Rejects with `CredentialsUnavailable`. A promise only where somebody must be asked. */
  credentialsFor({ name }: AnyReceiver, instance: string): Found | Promise<Found> {
    if (this.#ask === undefined) return this.#configuration.instances.get(name)?.get(instance)
    // The function may build a path or a query of it.
    if (instance !== '' && !isId(instance)) return undefined

    // No receiver's name has a slash.
    const key = `${name}/${instance}`
    const known = this.#known.get(key)
    if (known !== undefined || this.#unknown.get(key)) return known
    return this.#flights.get(key) ?? this.#fly(key, name, instance)
  }

  #fly(key: string, receiver: string, instance: string): Promise<Found> {
    const flight = this.#find(receiver, instance)
      .then(found => {
        if (found === undefined) this.#unknown.set(key, true)
        else this.#known.set(key, found)
        return found
      })
      .finally(() => this.#flights.delete(key))
    this.#flights.set(key, flight)
    return flight
  }

  async #find(receiver: string, instance: string): Promise<Found> {
    const from = `credentials('${receiver}', '${instance}')`
    let input: CredentialsInput | null | undefined
    try {
      input = await inTime(Promise.resolve(this.#ask!(receiver, instance)))
    } catch (cause) {
      throw new CredentialsUnavailable(`${from} failed`, { cause })
    }
    if (input === undefined || input === null) return this.#configuration.instances.get(receiver)?.get(instance)

    const rules = this.#configuration.rules.get(receiver)!
    const findings: Findings = { problems: [], warnings: [] }
    const draft = draftOf({ input, from }, rules, findings)
    const credentials = credentialsOf(draft, rules, findings)
    const problems = [...findings.problems, ...missing(draft, rules)]
    if (problems.length > 0) throw new CredentialsUnavailable(problems.join('; '))
    return credentials
  }
}

/** All entries live equally long, so the first in is the first to expire, and is what goes when there are too many. */
class ShortMemory<T> {
  readonly #entries = new BoundedMap<string, { readonly value: T; readonly until: number }>(MAX_ENTRIES)
  readonly #lifetime: number
  readonly #now: () => number

  constructor(lifetime: number, now: () => number) {
    this.#lifetime = lifetime
    this.#now = now
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.until > this.#now()) return entry?.value
    this.#entries.delete(key)
    return undefined
  }

  set(key: string, value: T): void {
    this.#entries.set(key, { value, until: this.#now() + this.#lifetime })
  }
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${TIME_LIMIT} ms`)), TIME_LIMIT)
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
