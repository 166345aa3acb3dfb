/** What was claimed and has not begun, by receiver: who waits is served in turn, so that a flood waits for itself. */
export class Shelf<Item extends { readonly receiver: string }> {
  /** Only those that have something; the next to be served first. */
  readonly #waiting = new Map<string, Item[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  sizeOf(receiver: string): number {
    return this.#waiting.get(receiver)?.length ?? 0
  }

  put(item: Item): void {
    const items = this.#waiting.get(item.receiver)
    if (items === undefined) this.#waiting.set(item.receiver, [item])
    else items.push(item)
    this.#size++
  }

  /** The next one of a receiver that may. */
  take(may: (receiver: string) => boolean): Item | undefined {
    for (const [receiver, items] of this.#waiting) {
      if (!may(receiver)) continue
      const item = items.shift()!
      this.#size--
      this.#waiting.delete(receiver)
      if (items.length > 0) this.#waiting.set(receiver, items)
      return item
    }
    return undefined
  }

  /** Whether it was there. */
  remove(item: Item): boolean {
    const items = this.#waiting.get(item.receiver)
    const at = items?.indexOf(item) ?? -1
    if (items === undefined || at < 0) return false
    items.splice(at, 1)
    this.#size--
    if (items.length === 0) this.#waiting.delete(item.receiver)
    return true
  }

  /** All of them, and none is left. */
  clear(): Item[] {
    const all = [...this.#waiting.values()].flat()
    this.#waiting.clear()
    this.#size = 0
    return all
  }
}
