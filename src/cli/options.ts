/** Options that several commands have, and what they come to. */

import { InvalidCommand } from '../errors.ts'
import { STATES } from '../inbox/stats.ts'
import type { InboxFilter } from '../inbox/view.ts'
import type { State } from '../store/store.ts'
import type { Option, Values } from './command.ts'
import { text, time } from './read.ts'

export const jsonOption: Readonly<Record<string, Option>> = {
  json: { type: 'boolean', help: 'JSON for programs instead of text for people' }
}

export const storeOptions: Readonly<Record<string, Option>> = {
  store: { type: 'string', value: '<address>', help: 'sqlite:<file> or postgres://…; default: WEBHOOKS_STORE' },
  ...jsonOption
}

export const appOption: Readonly<Record<string, Option>> = {
  app: { type: 'string', value: '<module>', help: 'exports by default the options that the plugin is given' }
}

export const filterOptions: Readonly<Record<string, Option>> = {
  state: { type: 'string', multiple: true, value: '<state>', help: `${STATES.join(', ')}; several with commas` },
  receiver: { type: 'string', value: '<name>', help: 'of this receiver' },
  instance: { type: 'string', value: '<id>', help: 'of this instance; "" is the unnamed one' },
  event: { type: 'string', value: '<pattern>', help: "an event or a pattern: 'issues.*', 'invoice.**'" },
  subject: { type: 'string', value: '<subject>', help: 'about this' },
  account: { type: 'string', value: '<account>', help: 'of this account' },
  id: { type: 'string', value: '<id>', help: 'with this id of the provider' },
  since: { type: 'string', value: '<time>', help: 'arrived then or later: 2h, 7d, 2026-03-01T12:00:00Z' },
  until: { type: 'string', value: '<time>', help: 'arrived before' },
  text: { type: 'string', value: '<text>', help: 'in event, id, subject, account, error or body' }
}

export const pageOptions: Readonly<Record<string, Option>> = {
  limit: { type: 'string', value: '<n>', help: 'so many, 500 at most; default: 50' },
  before: { type: 'string', value: '<seq>', help: 'only those with a lower number: the next page' }
}

export function filterFrom(values: Values, now: number): InboxFilter {
  return {
    state: statesOf(values.state),
    receiver: text(values, 'receiver'),
    instance: text(values, 'instance'),
    event: text(values, 'event'),
    subject: text(values, 'subject'),
    account: text(values, 'account'),
    id: text(values, 'id'),
    since: time(values, 'since', now),
    until: time(values, 'until', now),
    text: text(values, 'text')
  }
}

export function isEmpty(filter: object): boolean {
  return Object.values(filter).every(value => value === undefined)
}

function statesOf(value: Values[string]): State[] | undefined {
  if (value === undefined) return undefined
  const states = [value].flat().flatMap(text => String(text).split(','))
  const unknown = states.find(state => !STATES.includes(state as State))
  if (unknown !== undefined) throw new InvalidCommand(`--state is one of ${STATES.join(', ')}.`)
  return states as State[]
}
