/** Any environment, table or vault gives a configuration, or one error that names places and no texts. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { awsSns } from '../../receivers/aws-sns.ts'
import { github } from '../../receivers/github.ts'
import { meta } from '../../receivers/meta.ts'
import { paypal } from '../../receivers/paypal.ts'
import { stripe } from '../../receivers/stripe.ts'
import { trello } from '../../receivers/trello.ts'
import { type Configuration, configure } from '../../src/config/config.ts'
import { CredentialsLookup } from '../../src/config/credentials.ts'
import { CredentialsUnavailable, InvalidConfiguration } from '../../src/errors.ts'
import type { AnyReceiver } from '../../src/receiver.ts'
import { anyText } from './edits.ts'
import type { Target } from './target.ts'

const receivers: readonly AnyReceiver[] = [awsSns, github, meta, paypal, stripe, trello]
const MARK = 'CANARY'

const name = fc
  .tuple(
    fc.constantFrom('GITHUB', 'META', 'STRIPE', 'PAYPAL', 'AWS_SNS', 'TRELLO', 'GITLAB', ''),
    fc.constantFrom('SECRET', 'VERIFY_TOKEN', 'TOPIC', 'WEBHOOK_ID', 'ALLOW_SHA1', 'SECRT', ''),
    fc.constantFrom('', '', 'S', '_PREVIOUS', '_FILE', 'S_FILE', 'S_PREVIOUS')
  )
  .map(([receiver, what, end]) => `WEBHOOKS_${receiver}_${what}${end}`)

/** Secrets, all of them: none may be repeated in a message. */
const secret = fc.oneof(
  fc.constant(`${MARK}-0123456789abcdef0123456789abcdef`),
  fc.constantFrom(MARK, `${MARK}9==`, ` ${MARK} padded to be long enough to pass `),
  anyText.map(text => MARK + text)
)
const id = fc.constantFrom('acme', 'beta', '', '.', 'a/b', 'é', '__proto__', 'x'.repeat(101))
const text = fc.oneof(
  secret,
  fc.constantFrom('', ' ', '\n', 'true', '{', '{}', '[]', '/run/secrets/a', 'https://api.example.com'),
  fc.array(fc.tuple(id, secret), { maxLength: 3 }).map(all => all.map(([of, value]) => `${of}=${value}`).join(' ')),
  fc
    .dictionary(id, fc.oneof(secret, fc.array(secret, { maxLength: 2 }), fc.constantFrom(7, null)))
    .map(all => JSON.stringify(all)),
  fc.tuple(secret, secret).map(([one, two]) => `{"acme": ${JSON.stringify(one)}, "acme": ${JSON.stringify(two)}`)
)
const environment = fc.dictionary(fc.oneof(name, name, fc.constant('WEBHOOKS_PUBLIC_URL')), text, {
  maxKeys: 8,
  noNullPrototype: true
})

function readFile(path: string): string {
  if (path.startsWith('/run')) return `${MARK}-from-a-file-0123456789abcdef\n`
  throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), {
    code: path.length % 2 === 0 ? 'ENOENT' : path
  })
}

/** What starts is complete: each instance has what its receiver needs, and nothing is blank. */
function isComplete({ instances, rules }: Configuration): void {
  for (const [receiver, ids] of instances) {
    const { min, settings } = rules.get(receiver)!
    for (const { secrets, settings: given } of ids.values()) {
      if (min !== false) assert.ok(secrets.length > 0)
      for (const secret of secrets) assert.ok(secret.trim() !== '' && [...secret].length >= Number(min))
      for (const { name, required } of settings) assert.ok(!required || given[name]!.trim() !== '')
    }
  }
}

function refused(error: any, code: string): void {
  assert.equal(error?.code, code, String(error))
  assert.ok(!`${error.message}${error.stack}${JSON.stringify(error)}`.includes(MARK), 'a secret is in the error')
}

const environments = fc.property(
  fc.subarray([...receivers], { minLength: 1 }),
  environment,
  fc.boolean(),
  (registered, env, trustProxy) => {
    try {
      const configuration = configure(registered, { env, trustProxy, readFile })
      isComplete(configuration)
      assert.ok(!configuration.warnings.join().includes(MARK), 'a secret is in a warning')
      const own = configuration.instances.get('github')?.get('')?.secrets[0]
      if (own !== undefined && env.WEBHOOKS_GITHUB_SECRET !== undefined) assert.equal(own, env.WEBHOOKS_GITHUB_SECRET)
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
      assert.ok(error instanceof InvalidConfiguration, String(error))
      refused(error, 'WEBHOOKS_INVALID_CONFIGURATION')
    }
  }
)

const anything = fc.oneof(
  secret,
  fc.constantFrom(undefined, null, 7, true, [], {}),
  fc.array(secret),
  fc.dictionary(id, secret)
)
const input = fc.oneof(
  fc.record(
    {
      secrets: fc.oneof(fc.array(secret), anything),
      settings: fc.oneof(fc.record({ 'verify-token': secret }), anything)
    },
    { requiredKeys: [] }
  ),
  anything
)

const tables = fc.property(
  fc.dictionary(fc.constantFrom('github', 'meta', 'gitlab'), fc.dictionary(id, input)),
  table => {
    try {
      isComplete(configure([github, meta], { env: {}, credentials: table as any }))
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
      refused(error, 'WEBHOOKS_INVALID_CONFIGURATION')
    }
  }
)

const vaults = fc.asyncProperty(input, fc.boolean(), id, async (found, throws, instance) => {
  const ask: any = async () => {
    if (throws) throw new Error('the vault is closed')
    return found
  }
  const configuration = configure([meta], { env: {}, credentials: ask })
  try {
    const credentials = await new CredentialsLookup(configuration, ask).credentialsFor(meta, instance)
    if (credentials === undefined) return
    isComplete({ ...configuration, instances: new Map([['meta', new Map([[instance, credentials]])]]) })
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error
    assert.ok(error instanceof CredentialsUnavailable, String(error))
    refused(error, 'WEBHOOKS_CREDENTIALS_UNAVAILABLE')
  }
})

export const configuration: readonly Target[] = [
  { name: 'configuration: any environment', property: environments },
  { name: 'configuration: any table', property: tables },
  { name: 'configuration: any vault', property: vaults }
]
