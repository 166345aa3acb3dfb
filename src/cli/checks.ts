/** What `posthorn doctor` looks at. */
import { configure } from '../config/config.ts'
import { InvalidCommand } from '../errors.ts'
import type { Io, Values } from './command.ts'
import { configuredReceivers, problemsOf } from './known.ts'
import { text } from './read.ts'
import { existing, storeOfEnvironment, withStore } from './session.ts'
import { told } from './terminal.ts'

export interface Finding {
  readonly what: string
  readonly state: 'good' | 'look' | 'bad'
  readonly says: string
}

/** Seconds. Providers mostly allow 300; an answer takes some of the way. */
const SKEW = 5
const TIMEOUT = 5_000

export async function ofEnvironment(io: Io): Promise<Finding[]> {
  const what = 'environment'
  const receivers = await configuredReceivers(io)
  if (receivers.length === 0) {
    return [
      { what, state: 'look', says: 'no receiver of ours has a secret here: posthorn receivers says what each needs' }
    ]
  }
  try {
    const { instances, warnings } = configure(receivers, { env: io.env })
    return [
      ...[...instances].map(([name, ids]) => {
        const named = [...ids.keys()].map(id => id || 'unnamed').join(', ')
        return { what: name, state: 'good', says: `instances: ${named}` } as const
      }),
      ...warnings.map(says => ({ what, state: 'look', says }) as const)
    ]
  } catch (error) {
    return problemsOf(error).map(says => ({ what, state: 'bad', says }) as const)
  }
}

/** Whoever answers there has a clock, too. */
export async function ofPublicUrl({ env }: Io): Promise<Finding[]> {
  const what = 'public URL'
  const url = env.WEBHOOKS_PUBLIC_URL?.trim()
  if (url === undefined)
    return [{ what, state: 'look', says: 'WEBHOOKS_PUBLIC_URL is not set; URLs are shown without origin' }]
  if (!URL.canParse(url)) return []
  const isPrivate = url.startsWith('http:')
  const protocol = isPrivate ? '; it is no https, so secrets travel in the open' : ''
  try {
    const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT) })
    const date = Date.parse(response.headers.get('date') ?? '')
    const answers: Finding = { what, state: isPrivate ? 'look' : 'good', says: `something answers there${protocol}` }
    return Number.isNaN(date) ? [answers] : [answers, clock('clock', (Date.now() - date) / 1000, 'the public URL’s')]
  } catch (error) {
    const code = (error as any)?.cause?.code ?? (error as Error).name
    return [{ what, state: 'bad', says: `nothing answers there (${code}): providers can’t reach it either${protocol}` }]
  }
}

function clock(what: string, seconds: number, whose: string): Finding {
  const off = Math.round(Math.abs(seconds))
  if (off <= SKEW) return { what, state: 'good', says: `it agrees with ${whose}` }
  return {
    what,
    state: 'bad',
    says: `it is ${off} s ${seconds > 0 ? 'ahead of' : 'behind'} ${whose}: set one of them right`
  }
}

export async function ofStore(values: Values, io: Io): Promise<Finding[]> {
  const what = 'store'
  const address = text(values, 'store') ?? storeOfEnvironment(io)
  if (address === undefined) {
    return [{ what, state: 'look', says: 'there is none, so handlers run before the answer: WEBHOOKS_STORE names one' }]
  }
  try {
    const opened = await existing(address, io)
    let skew = 0
    await withStore(opened, async () => {
      skew = (Date.now() - opened.now()) / 1000
      await opened.stats()
    })
    return [{ what, state: 'good', says: `${opened.name} can be used` }, clock('store’s clock', skew, 'the store’s')]
  } catch (error) {
    // A file that is not there yet is made by the server.
    return [{ what, state: error instanceof InvalidCommand ? 'look' : 'bad', says: told(error) }]
  }
}
