import { matches } from '../../../src/pattern.ts'
import type { Filter } from '../../../src/store/store.ts'
import type { Row } from './state.ts'

export function passes(row: Row, filter: Filter): boolean {
  const { state, since, until, event, text } = filter
  for (const name of ['seq', 'receiver', 'instance', 'subject', 'account', 'id'] as const) {
    if (filter[name] !== undefined && filter[name] !== row[name]) return false
  }
  if (state !== undefined && ![state].flat().includes(row.state)) return false
  if (since !== undefined && row.receivedAt < since) return false
  if (until !== undefined && row.receivedAt >= until) return false
  if (event !== undefined && !matches(event, row.event)) return false
  return text === undefined || contains(row, text)
}

function contains({ event, id, subject, account, error, request }: Row, text: string): boolean {
  const wanted = text.toLowerCase()
  if ([event, id, subject, account, error].some(field => field?.toLowerCase().includes(wanted))) return true
  return Buffer.from(request.content.body).includes(text)
}
