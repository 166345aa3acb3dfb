/** What PostgreSQL says of an error; those of the connection have no SQLSTATE. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'severity' in error && 'code' in error ? String(error.code) : undefined
}

/** The row itself cannot be stored: whoever tries it again fails again, and others are not to blame. */
export function isDataError(error: unknown): boolean {
  return /^2[23]/.test(sqlState(error) ?? '')
}

/** A deadlock, or two that changed the same at once: nothing was changed, and the next try goes well. */
export function isCollision(error: unknown): boolean {
  return /^40(?:P01|001)$/.test(sqlState(error) ?? '')
}

/** In words, without what must stay secret. PostgreSQL's `detail` is left out: it shows the row. */
export function problemOf(error: unknown, password: string): string {
  if (!(error instanceof Error)) return 'an unknown error'
  // An AggregateError of several addresses has no message of its own.
  const message = error.message || ('code' in error ? String(error.code) : error.name)
  return password === '' ? message : message.replaceAll(password, '***')
}
