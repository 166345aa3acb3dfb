/** A provider that sends without end: pushes and batches, some of them again, whether acknowledged or not. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../../src/testing/random.ts'
import type { Notes, Sent } from './notes.ts'
import { type Act, batch, push } from './requests.ts'
import { until } from './waiting.ts'

const AT_ONCE = 6
const SUBJECTS = 12
/** Milliseconds between two requests of a sender, and before it knocks again at a server that is not there. */
const BREATH = 2
const LATER = 150

export class Load {
  readonly #notes: Notes
  readonly #random: Random
  #senders: Promise<unknown> = Promise.resolve()
  #number = 0
  #isOver = false

  constructor(notes: Notes, random: Random) {
    this.#notes = notes
    this.#random = random
  }

  start(): void {
    this.#senders = Promise.all(Array.from({ length: AT_ONCE }, () => this.#send()))
  }

  /** Until so many more were acknowledged. */
  async more(count: number): Promise<void> {
    const enough = this.#notes.count + count
    await until(`${count} more are acknowledged`, () => this.#notes.count >= enough)
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#senders
  }

  async #send(): Promise<void> {
    while (!this.#isOver) {
      const sent = await this.#next()
      // Whoever hears nothing sends again, and in the end gives up.
      while ((await this.#notes.send(sent)) === undefined && !this.#isOver && this.#random.below(50) > 0) {
        await pause(LATER)
      }
      await pause(BREATH)
    }
  }

  async #next(): Promise<Sent> {
    const random = this.#random
    const kind = random.below(20)
    const earlier = this.#notes.sent.at(-1 - random.below(40))
    if (kind < 2 && earlier !== undefined) return earlier
    const number = ++this.#number
    const act = (): Act => (random.below(15) === 0 ? 'fail' : undefined)
    if (kind < 5) {
      const acts = Array.from({ length: 1 + random.below(4) }, act)
      return this.#notes.add(await batch(`batch-${number}`, acts))
    }
    const repository = `repository-${random.below(SUBJECTS)}`
    return this.#notes.add(await push(`push-${number}`, repository, act(), random.below(2_000)))
  }
}
