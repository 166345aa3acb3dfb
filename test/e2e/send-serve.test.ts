/** Every receiver, from the command that sends to the one that serves, with the secrets of its vectors. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { variable } from '../../src/config/variable.ts'
import type { AnyReceiver } from '../../src/receiver.ts'
import { samplesOf } from '../../src/testing/samples.ts'
import { testCredentials } from '../../src/testing/signed-request.ts'
import { credentialsOf, isHandshake, type Vector } from '../../src/testing/vector.ts'
import { Serving } from '../cli/serving.ts'
import { FakeTerminal } from '../cli/terminal.ts'

const root = new URL('../../', import.meta.url)
const PUBLIC_URL = 'https://hooks.example.com'

interface Known {
  readonly receiver: AnyReceiver
  readonly env: Readonly<Record<string, string>>
  readonly events: readonly string[]
  /** By a key or an address that nobody else has. */
  readonly isOnlyProviders: boolean
}

async function knownOf(file: string): Promise<Known> {
  const [receiver] = Object.values<AnyReceiver>(await import(`../../receivers/${file}`))
  const { name, scheme } = receiver!
  const vectors: Vector[] = JSON.parse(readFileSync(new URL(`test/vectors/${name}.json`, root), 'utf8'))
  const { events, settings } = await samplesOf(name)
  const usable = vectors.filter(vector => vector.valid && !isHandshake(vector) && vector.describes !== undefined)
  const min = scheme.key === false ? 0 : scheme.key.min
  const secrets = usable.map(vector => credentialsOf(vector).secrets[0]).filter(secret => secret !== undefined)
  const test = testCredentials(receiver!)
  // Some vectors have shorter secrets than we would let anybody configure.
  const secret = test.secrets?.[0] ?? secrets.find(secret => secret.length >= min) ?? secrets[0]?.padEnd(min, '0')
  const values = Object.entries({ ...settings, ...test.settings, ...(secret !== undefined && { secret }) })
  const env = Object.fromEntries(values.map(([key, value]) => [variable(name, key), value]))
  const isOnlyProviders = test.fetch !== undefined || vectors.some(({ address }) => address !== undefined)
  return { receiver: receiver!, env, events: events.map(({ event }) => event), isOnlyProviders }
}

describe('send reaches serve', async () => {
  const known = await Promise.all(readdirSync(new URL('receivers', root)).map(knownOf))
  const env = Object.assign({ WEBHOOKS_PUBLIC_URL: PUBLIC_URL }, ...known.map(({ env }) => env))
  let serving: Serving
  before(async () => {
    serving = await Serving.start(['serve', '--json', ...known.map(({ receiver }) => receiver.name)], env)
  })
  after(async () => assert.equal((await serving.stop()).code, 0))

  for (const { receiver, events, isOnlyProviders } of known) {
    const { name } = receiver
    test(name, async () => {
      const [event] = events
      const { code, out, err } = await new FakeTerminal().run(['send', name, event!, '--to', serving.url], env)
      if (isOnlyProviders) {
        assert.deepEqual([code, /only the provider can (?:sign|send) it/.test(err)], [1, true], err)
        return
      }
      assert.equal(code, 0, `${out}${err}`)
      const arrived = serving.terminal.out
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
      assert.ok(arrived.some(delivery => delivery.receiver === name && delivery.event === event))
    })
  }
})
