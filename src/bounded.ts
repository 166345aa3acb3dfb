/** A map that forgets its oldest entry beyond a limit: what strangers can make us remember must not grow. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #limit: number

  constructor(limit: number) {
    super()
    this.#limit = limit
  }

  override set(key: Key, value: Value): this {
    if (this.size >= this.#limit && !this.has(key)) this.delete(this.keys().next().value!)
    return super.set(key, value)
  }
}
