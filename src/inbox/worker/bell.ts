/** One waits, anybody rings. A ring that nobody waits for is kept for the next who does; many are one. */
export class Bell {
  #isRung = false
  #answer: (() => void) | undefined

  ring(): void {
    this.#isRung = true
    this.#answer?.()
  }

  /** Until it rings, or so many milliseconds have passed. */
  async wait(ms?: number): Promise<void> {
    if (!this.#isRung) {
      await new Promise<void>(resolve => {
        const timer = ms === undefined ? undefined : setTimeout(resolve, ms)
        this.#answer = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#answer = undefined
    }
    this.#isRung = false
  }
}
