/** A value that is there, or a promise of it: where nothing is waited for, a request need not pay for one. */
export type Soon<Value> = Value | Promise<Value>

/** Goes on with a value: at once where it is there. */
export function after<Value, Next>(value: Soon<Value>, next: (value: Value) => Soon<Next>): Soon<Next> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value)
}

/** By its method, as `await` does: a receiver may have promises of another library. */
export function isPromise<Value>(value: Soon<Value>): value is Promise<Value> {
  return typeof value === 'object' && value !== null && 'then' in value
}
