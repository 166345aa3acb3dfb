import type { Arrival, NewDelivery } from '../../../src/store/store.ts'
import type { KeptRequest, Row } from './state.ts'

export type Source = Pick<Arrival, 'receiver' | 'instance' | 'receivedAt' | 'kind' | 'secret'>

export function newRow(source: Source, delivery: NewDelivery, request: KeptRequest, now: number): Row {
  const { receiver, instance, receivedAt, kind, secret } = source
  const { event, id, key, position, occurredAt, subject, account, data, order, start } = delivery
  const isRunning = start?.state === 'running'
  return {
    ...{ receiver, instance, receivedAt, kind, secret },
    ...{ event, id, key, position, occurredAt, subject, account, data, order },
    seq: 0,
    fence: 0,
    state: start?.state ?? 'waiting',
    due: now,
    attempt: isRunning ? 1 : 0,
    tries: isRunning ? 1 : 0,
    lapses: 0,
    worker: isRunning ? start.worker : undefined,
    leaseUntil: isRunning ? start.until : undefined,
    progress: isRunning ? start.progress : '',
    history: '',
    error: start?.state === 'dead' ? start.error : undefined,
    duplicates: 0,
    replay: undefined,
    settledAt: undefined,
    size: request.content.body.length,
    request
  }
}

export function backToWork(row: Row, now: number): void {
  Object.assign(row, { state: 'waiting', due: now, tries: 0, error: undefined })
}

/** What stays of a delivery that is described anew. */
export function kept({
  seq,
  attempt,
  history,
  worker,
  duplicates,
  replay,
  settledAt
}: Row): Partial<Row> & { seq: number } {
  return { seq, attempt, history, worker, duplicates, replay, settledAt }
}
