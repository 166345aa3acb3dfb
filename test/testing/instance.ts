import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { receive } from '../../src/receive.ts'
import type { AnyReceiver, Credentials, Delivery, WebhookRequest } from '../../src/receiver.ts'
import { type Samples, samplesOf } from '../../src/testing/samples.ts'
import { testCredentials } from '../../src/testing/signed-request.ts'
import { credentialsOf, isHandshake, type Vector } from '../../src/testing/vector.ts'

export const NOW = new Date('2031-05-06T07:08:09.000Z')
export const root = new URL('../../', import.meta.url)

/** A receiver of ours, with its samples, and an instance that takes them all. */
export interface Sampled {
  readonly receiver: AnyReceiver
  /** What its file exports it as. */
  readonly exported: string
  readonly events: Samples['events']
  readonly credentials: Credentials
}

export async function sampled(): Promise<Sampled[]> {
  return Promise.all(
    readdirSync(new URL('receivers', root)).map(async file => {
      const name = file.replace(/\.ts$/, '')
      const module: Record<string, AnyReceiver> = await import(`../../receivers/${file}`)
      const [exported, receiver] = Object.entries(module)[0]!
      const vectors: Vector[] = JSON.parse(readFileSync(new URL(`test/vectors/${name}.json`, root), 'utf8'))
      const vector = vectors.find(vector => vector.valid && !isHandshake(vector) && vector.describes !== undefined)!
      const { events, settings } = await samplesOf(name)
      const own = { ...credentialsOf(vector), settings, ...testCredentials(receiver) }
      const credentials = { ...own, settings: { ...settings, ...testCredentials(receiver).settings } }
      return { receiver, exported, events, credentials }
    })
  )
}

export async function deliveriesOf(
  receiver: AnyReceiver,
  request: WebhookRequest,
  credentials: Partial<Credentials>
): Promise<readonly Delivery[]> {
  const known = { secrets: [], settings: {}, fetch, ...credentials }
  const outcome = await receive(receiver, '', request, known, NOW)
  if (outcome.kind !== 'accepted') assert.fail(`${outcome.kind}: ${'reason' in outcome && outcome.reason}`)
  return outcome.deliveries
}
