import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ConfigureOptions, type CredentialsFunction, configure } from '../../src/config/config.ts'
import { CredentialsLookup } from '../../src/config/credentials.ts'
import { type AnyReceiver, hmac } from '../../src/kit.ts'

const KEY = 'k-0123456789abcdef'
const NEW = 'n-0123456789abcdef'

const meta: AnyReceiver = {
  name: 'meta',
  docs: 'https://example.com',
  scheme: hmac({ header: 'x-signature', hash: 'sha256', encoding: 'hex' }),
  settings: ['topic*'],
  describe: () => []
}
const a: AnyReceiver = { ...meta, name: 'a', settings: [] }
const ab: AnyReceiver = { ...a, name: 'ab' }

const given = { secrets: [KEY], settings: { topic: ' one  two ', column: 'of the same table' } }
const found = { secrets: [KEY], settings: { topic: 'one two' } }

function setUp(credentials: ConfigureOptions['credentials'], env: Record<string, string> = {}, minSecretLength = 16) {
  const clock = { time: 0 }
  const configuration = configure([meta, a, ab], { env, minSecretLength, ...(credentials && { credentials }) })
  return { clock, lookup: new CredentialsLookup(configuration, credentials, () => clock.time) }
}

/** A function that counts how often it is asked. */
function counting(answer: CredentialsFunction) {
  const asked: string[] = []
  const ask: CredentialsFunction = (receiver, instance) => {
    asked.push(`${receiver} ${instance}`)
    return answer(receiver, instance)
  }
  return { asked, ask }
}

describe('without a function', () => {
  test('the credentials of the start come at once, by their own receiver and id', () => {
    const env = {
      WEBHOOKS_META_SECRET: KEY,
      WEBHOOKS_META_TOPIC: 'one two',
      WEBHOOKS_A_SECRETS: `bc=${KEY}`,
      WEBHOOKS_AB_SECRETS: `c=${NEW}`
    }
    const { lookup } = setUp(undefined, env)
    assert.deepEqual(lookup.credentialsFor(meta, ''), found)
    assert.deepEqual(lookup.credentialsFor(a, 'bc'), { secrets: [KEY], settings: {} })
    assert.deepEqual(lookup.credentialsFor(ab, 'c'), { secrets: [NEW], settings: {} })
    for (const id of ['', 'c', 'constructor', '__proto__']) assert.equal(lookup.credentialsFor(a, id), undefined)
  })
})

describe('with a function', () => {
  test('its answer is checked like a start, and then remembered for a minute', async () => {
    const { asked, ask } = counting(async () => given)
    const { lookup, clock } = setUp(ask)
    assert.deepEqual(await lookup.credentialsFor(meta, 'acme'), found)
    clock.time = 59_999
    assert.deepEqual(lookup.credentialsFor(meta, 'acme'), found)
    assert.equal(asked.length, 1)
    clock.time = 60_000
    assert.deepEqual(await lookup.credentialsFor(meta, 'acme'), found)
    assert.deepEqual(asked, ['meta acme', 'meta acme'])
  })

  test('that knows of no such instance is asked again after five seconds', async () => {
    for (const nothing of [undefined, null]) {
      const { asked, ask } = counting(() => nothing)
      const { lookup, clock } = setUp(ask)
      assert.equal(await lookup.credentialsFor(a, 'acme'), undefined)
      clock.time = 4_999
      assert.equal(lookup.credentialsFor(a, 'acme'), undefined)
      assert.equal(asked.length, 1)
      clock.time = 5_000
      await lookup.credentialsFor(a, 'acme')
      assert.equal(asked.length, 2)
    }
  })

  test('many requests at once ask once', async () => {
    const { promise, resolve } = Promise.withResolvers<typeof given>()
    const { asked, ask } = counting(() => promise)
    const { lookup } = setUp(ask)
    const all = Promise.all([
      lookup.credentialsFor(a, 'x'),
      lookup.credentialsFor(a, 'x'),
      lookup.credentialsFor(a, 'y')
    ])
    resolve(given)
    assert.deepEqual(
      (await all).map(credentials => credentials?.secrets),
      [[KEY], [KEY], [KEY]]
    )
    assert.deepEqual(asked, ['a x', 'a y'])
  })

  test('receiver and id are never taken for those of another', async () => {
    const { lookup } = setUp((receiver, instance) => ({ secrets: [`${receiver} and ${instance}, 16 at least`] }))
    const first = await lookup.credentialsFor(a, 'bc')
    const second = await lookup.credentialsFor(ab, 'c')
    assert.deepEqual([first?.secrets, second?.secrets], [['a and bc, 16 at least'], ['ab and c, 16 at least']])
  })

  test('it is never asked for an id that no URL of ours has', () => {
    const { asked, ask } = counting(() => given)
    const { lookup } = setUp(ask)
    for (const id of ['..', '../x', 'a/b', "a' OR 1", 'é', 'x'.repeat(101)]) {
      assert.equal(lookup.credentialsFor(meta, id), undefined)
    }
    assert.deepEqual(asked, [])
  })

  test('it beats the environment, which counts where the function knows nothing', async () => {
    const { asked, ask } = counting((_, instance) => (instance === 'acme' ? { secrets: [NEW] } : undefined))
    const { lookup, clock } = setUp(ask, { WEBHOOKS_A_SECRETS: `acme=${KEY} beta=${KEY}` })
    assert.deepEqual((await lookup.credentialsFor(a, 'acme'))?.secrets, [NEW])
    assert.deepEqual((await lookup.credentialsFor(a, 'beta'))?.secrets, [KEY])
    clock.time = 59_999
    assert.deepEqual(lookup.credentialsFor(a, 'beta'), { secrets: [KEY], settings: {} })
    assert.equal(asked.length, 2)
  })
})

describe('credentials are unavailable', () => {
  const unavailable = { code: 'WEBHOOKS_CREDENTIALS_UNAVAILABLE', statusCode: 503 }

  async function refusal(lookup: CredentialsLookup, receiver: AnyReceiver): Promise<any> {
    const [result] = await Promise.allSettled([lookup.credentialsFor(receiver, 'acme')])
    assert.equal(result.status, 'rejected')
    const { code, statusCode } = (result as PromiseRejectedResult).reason
    assert.deepEqual({ code, statusCode }, unavailable)
    return (result as PromiseRejectedResult).reason
  }

  test('when the function throws, for all who wait, and it is asked again at once', async () => {
    const answers = [
      () => {
        throw new Error('thrown')
      },
      () => Promise.reject(new Error('rejected')),
      () => given
    ]
    const { asked, ask } = counting(() => answers.shift()!())
    const { lookup } = setUp(ask, { WEBHOOKS_META_SECRETS: `acme=${KEY}`, WEBHOOKS_META_TOPICS: 'acme=x' })

    const both = await Promise.allSettled([lookup.credentialsFor(meta, 'acme'), lookup.credentialsFor(meta, 'acme')])
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected']
    )
    const error = await refusal(lookup, meta)
    assert.equal(error.cause.message, 'rejected')
    assert.match(error.message, /credentials\('meta', 'acme'\) failed/)
    assert.deepEqual(await lookup.credentialsFor(meta, 'acme'), found)
    assert.equal(asked.length, 3)
  })

  test('when the answer breaks a rule of the start, and nothing of it is told or remembered', async () => {
    const settings = { topic: 'x' }
    const wrong: [any, RegExp][] = [
      [{ secrets: [], settings }, /needs a secret/],
      [{ settings }, /needs a secret/],
      ['a bare secret of mine', /needs a secret/],
      [{ secrets: 'a bare secret of mine', settings }, /secrets must be a list of strings/],
      [{ secrets: [KEY, ''], settings }, /secrets\[1\] is empty/],
      [{ secrets: ['secret 7'], settings }, /secrets\[0\] has 8 characters; meta needs 16 at least/],
      [{ secrets: [KEY] }, /needs the setting topic/],
      [{ secrets: [KEY], settings: { topic: null } }, /needs the setting topic/],
      [{ secrets: [KEY], settings: { topic: ' ' } }, /settings\['topic'\] is empty/]
    ]
    for (const [answer, message] of wrong) {
      const { asked, ask } = counting(() => answer)
      const { lookup } = setUp(ask)
      const error = await refusal(lookup, meta)
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /secret of mine|secret 7|k-0123/)
      await refusal(lookup, meta)
      assert.equal(asked.length, 2)
    }
  })

  test('but not for a secret as short as minSecretLength allows', async () => {
    const { lookup } = setUp(() => ({ secrets: ['12345678'] }), {}, 8)
    assert.deepEqual((await lookup.credentialsFor(a, 'acme'))?.secrets, ['12345678'])
  })

  test('when the function does not answer in ten seconds, and the instance is not lost for that', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const answers: any[] = [new Promise(() => {}), given]
    const { lookup } = setUp(() => answers.shift())
    const error = refusal(lookup, meta)
    t.mock.timers.tick(10_000)
    assert.match((await error).cause.message, /no answer within 10000 ms/)
    assert.deepEqual(await lookup.credentialsFor(meta, 'acme'), found)
  })
})

describe('what is remembered is bounded', () => {
  test('a flood of invented ids pushes out no good one', async () => {
    const { asked, ask } = counting((_, instance) => (instance === 'good' ? given : undefined))
    const { lookup } = setUp(ask)
    await lookup.credentialsFor(a, 'good')
    for (let i = 0; i <= 10_000; i++) await lookup.credentialsFor(a, `invented-${i}`)
    asked.length = 0
    assert.deepEqual(lookup.credentialsFor(a, 'good'), { secrets: [KEY], settings: {} })
    assert.equal(lookup.credentialsFor(a, 'invented-10000'), undefined)
    assert.deepEqual(asked, [])
    await lookup.credentialsFor(a, 'invented-0')
    assert.deepEqual(asked, ['a invented-0'])
  })

  test('of ten thousand good ones, the first to expire makes room', async () => {
    const { asked, ask } = counting(() => given)
    const { lookup } = setUp(ask)
    for (let i = 0; i <= 10_000; i++) await lookup.credentialsFor(a, String(i))
    asked.length = 0
    assert.ok(!(lookup.credentialsFor(a, '1') instanceof Promise))
    await lookup.credentialsFor(a, '0')
    assert.deepEqual(asked, ['a 0'])
  })
})

describe('a receiver that was not there at the start', () => {
  const stranger: AnyReceiver = { ...a, name: 'stranger' }

  test('has no credentials, and none are made up where nobody knows any', async () => {
    const env = {
      WEBHOOKS_META_SECRET: KEY,
      WEBHOOKS_META_TOPIC: 'one',
      WEBHOOKS_A_SECRET: KEY,
      WEBHOOKS_AB_SECRET: KEY
    }
    assert.equal(setUp(undefined, env).lookup.credentialsFor(stranger, ''), undefined)
    assert.equal(await setUp(() => undefined, env).lookup.credentialsFor(stranger, ''), undefined)
  })
})
