import { StoreUnavailable } from '../errors.ts'
import type { Logger } from '../handler.ts'
import type { Store } from '../store/store.ts'

/**
 * The store, watched: when it goes down the log says so once, and once when it is back. Whoever uses it may take its
 * errors as they come.
 */
export function monitored(store: Store, log: Logger): Store {
  let isDown = false
  function down(error: unknown): never {
    if (error instanceof StoreUnavailable && !isDown) {
      isDown = true
      log.error({ store: store.name, err: error }, 'the store of the inbox is down')
    }
    throw error
  }
  function up<Result>(result: Result): Result {
    if (isDown) {
      isDown = false
      log.warn({ store: store.name }, 'the store of the inbox is back')
    }
    return result
  }
  const watched = new Map<unknown, (...args: never[]) => unknown>()
  function watchedOf(method: (...args: never[]) => unknown): (...args: never[]) => unknown {
    return (...args) => {
      const result = method.apply(store, args)
      return result instanceof Promise ? result.then(up, down) : result
    }
  }
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const member = target[name]
      if (typeof member !== 'function') return member
      const known = watched.get(name)
      if (known !== undefined) return known
      const made = watchedOf(member as (...args: never[]) => unknown)
      watched.set(name, made)
      return made
    }
  })
}
