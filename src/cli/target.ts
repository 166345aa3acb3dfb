import { InvalidCommand } from '../errors.ts'
import type { Io, Option, Values } from './command.ts'
import { text } from './read.ts'

const INCOMING = '/api/webhooks/incoming'

export const targetOption: Readonly<Record<string, Option>> = {
  to: { type: 'string', value: '<url>', help: 'an origin, or a whole URL; default: http://localhost:3000, or PORT' }
}

/** Where an instance of a receiver is reached: with a path of its own, or the usual one. */
export function targetOf(values: Values, { env }: Pick<Io, 'env'>, receiver: string, id: string): string {
  const given = text(values, 'to') ?? `http://localhost:${env.PORT ?? 3000}`
  const url = URL.parse(given)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidCommand('--to is an http or https URL.')
  if (url.pathname !== '/' || url.search !== '') return given
  return `${url.origin}${INCOMING}/${receiver}${id === '' ? '' : `/${id}`}`
}

/** The target as the provider knows it: what some of them sign. */
export function publicUrlOf(target: string, publicUrl: string | undefined): string {
  return publicUrl === undefined ? target : publicUrl + target.slice(new URL(target).origin.length)
}
