import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { type Configuration, type ConfigureOptions, configure } from '../../src/config/config.ts'
import { type AnyReceiver, basic, none, type Scheme } from '../../src/kit.ts'

const keyed: Scheme = { ...basic(), key: { min: 16 } }
const unkeyed: Scheme = { ...none({ because: 'a test' }), key: false }

function receiver(name: string, settings: readonly string[] = [], scheme = keyed): AnyReceiver {
  return { name, docs: 'https://example.com', scheme, settings, describe: () => [] }
}

const github = receiver('github', ['allow-sha1?'])
const meta = receiver('meta', ['verify-token'])
const sns = receiver('sns', ['topic*'], unkeyed)
const paypal = receiver('paypal', ['webhook-id', 'mode?'], unkeyed)
const bitbucket = receiver('bitbucket')
const bitbucketServer = receiver('bitbucket-server')
const twilio = receiver('twilio', [], { ...keyed, covers: { body: 'values', time: false, url: true } })

const KEY = 'k-0123456789abcdef'
const OLD = 'o-0123456789abcdef'

type Env = Record<string, string>
type Options = Omit<ConfigureOptions, 'env'>

function instancesOf(name: string, configuration: Configuration): Record<string, unknown> {
  return Object.fromEntries(configuration.instances.get(name)!)
}

function only(one: AnyReceiver, env: Env, options: Options = {}): Record<string, unknown> {
  return instancesOf(one.name, configure([one], { env, ...options }))
}

/** The lines of the error. None of them may have a value of the environment in it, nor a word of one. */
function refusal(receivers: readonly AnyReceiver[], env: Env, options: Options = {}): string[] {
  let lines: string[] | undefined
  try {
    configure(receivers, { env, ...options })
  } catch (error: any) {
    assert.equal(error.code, 'WEBHOOKS_INVALID_CONFIGURATION')
    lines = error.message.split('\n- ').slice(1)
    const words = Object.values(env).flatMap(value => value.split(/[\s="{}[\],:]+/))
    for (const secret of [...Object.values(env), ...words.filter(({ length }) => length > 5)]) {
      if (secret.trim() === '') continue
      assert.ok(!error.message.includes(secret), `${secret} stands in: ${error.message}`)
    }
  }
  assert.ok(lines !== undefined, 'should have been refused')
  return lines
}

describe('secrets', () => {
  test('are taken as they are, and belong to the unnamed instance', () => {
    for (const secret of [`acme=${KEY}`, `{"acme": "${KEY}"}`, `${KEY}, ${OLD}`, "It's a Secret to Everybody"]) {
      assert.deepEqual(only(github, { WEBHOOKS_GITHUB_SECRET: secret }), { '': { secrets: [secret], settings: {} } })
    }
  })

  test('rotate: the previous one comes second', () => {
    assert.deepEqual(only(github, { WEBHOOKS_GITHUB_SECRET: KEY, WEBHOOKS_GITHUB_SECRET_PREVIOUS: OLD }), {
      '': { secrets: [KEY, OLD], settings: {} }
    })
  })

  test('of named instances: only the first = splits, and an id that comes twice rotates', () => {
    assert.deepEqual(only(github, { WEBHOOKS_GITHUB_SECRETS: ` acme=${KEY}==\n\tbeta==${KEY} acme=${OLD}` }), {
      acme: { secrets: [`${KEY}==`, OLD], settings: {} },
      beta: { secrets: [`=${KEY}`], settings: {} }
    })
  })

  test('of named instances, in JSON', () => {
    const env = { WEBHOOKS_GITHUB_SECRETS: ` {"acme": ["new ${KEY}", "old, ${KEY}"], "7": "\\"${KEY}: " }` }
    assert.deepEqual(only(github, env), {
      acme: { secrets: [`new ${KEY}`, `old, ${KEY}`], settings: {} },
      7: { secrets: [`"${KEY}: `], settings: {} }
    })
  })

  test('of the unnamed instance and of named ones stand side by side', () => {
    const instances = only(github, { WEBHOOKS_GITHUB_SECRET: KEY, WEBHOOKS_GITHUB_SECRETS: `acme=${OLD}` })
    assert.deepEqual(Object.keys(instances), ['', 'acme'])
  })

  test('that are ids of the language’s own are ids like others', () => {
    const ids = ['__proto__', 'constructor', 'toString']
    for (const text of [ids.map(id => `${id}=${KEY}`).join(' '), `{${ids.map(id => `"${id}": "${KEY}"`).join(',')}}`]) {
      const instances = configure([github], { env: { WEBHOOKS_GITHUB_SECRETS: text } }).instances.get('github')!
      assert.deepEqual([...instances.keys()], ids)
      assert.equal(instances.get('valueOf'), undefined)
    }
    assert.equal(({} as any).secrets, undefined)
  })

  test('of a receiver whose name begins like another’s are told apart by the whole name', () => {
    const env = { WEBHOOKS_BITBUCKET_SERVER_SECRET: KEY }
    assert.deepEqual(only(bitbucketServer, env), { '': { secrets: [KEY], settings: {} } })
    assert.deepEqual(refusal([bitbucket, bitbucketServer], env), [
      'bitbucket has no instance: set WEBHOOKS_BITBUCKET_SECRET, or for named ones WEBHOOKS_BITBUCKET_SECRETS'
    ])
  })
})

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-'))
  after(() => rmSync(folder, { recursive: true }))

  function file(name: string, content: string | Uint8Array): string {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }

  test('hold any of the variables, and lose one newline at their end', () => {
    const readFile = (path: string) =>
      ({
        '/one': `${KEY}\n\n`,
        '/old': `${OLD}\r\n`,
        '/ids': `acme=${KEY}\n`,
        '/token': 'tok',
        '/tokens': '{"acme":"t"}'
      })[path]!
    const env = {
      WEBHOOKS_META_SECRET_FILE: '/one',
      WEBHOOKS_META_SECRET_PREVIOUS_FILE: '/old',
      WEBHOOKS_META_SECRETS_FILE: '/ids',
      WEBHOOKS_META_VERIFY_TOKEN_FILE: '/token',
      WEBHOOKS_META_VERIFY_TOKENS_FILE: '/tokens'
    }
    assert.deepEqual(only(meta, env, { readFile }), {
      '': { secrets: [`${KEY}\n`, OLD], settings: { 'verify-token': 'tok' } },
      acme: { secrets: [KEY], settings: { 'verify-token': 't' } }
    })
  })

  test('are read from the disk, without byte order mark', () => {
    const env = { WEBHOOKS_GITHUB_SECRET_FILE: file('bom', `\ufeff${KEY}\n`) }
    assert.deepEqual(only(github, env), { '': { secrets: [KEY], settings: {} } })
  })

  test('that are missing, folders or no text are refused with the variable and without the path', () => {
    const wrong = {
      ENOENT: join(folder, 'nowhere'),
      EISDIR: folder,
      ERR_ENCODING_INVALID_ENCODED_DATA: file('binary', Buffer.from([0xff, 0xfe, 0x80]))
    }
    for (const [code, path] of Object.entries(wrong)) {
      assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRET_FILE: path }), [
        `The file of WEBHOOKS_GITHUB_SECRET_FILE cannot be read (${code})`
      ])
    }
  })

  test('tell nothing of an error without a code', () => {
    const readFile = (path: string) => {
      throw new Error(`cannot read ${path}`)
    }
    assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRET_FILE: KEY }, { readFile }), [
      'The file of WEBHOOKS_GITHUB_SECRET_FILE cannot be read (no reason given)'
    ])
  })

  test('beside the variable itself are refused: which one counts?', () => {
    assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRETS: `a=${KEY}`, WEBHOOKS_GITHUB_SECRETS_FILE: '/x' }), [
      'WEBHOOKS_GITHUB_SECRETS and WEBHOOKS_GITHUB_SECRETS_FILE are both set: remove one of them'
    ])
  })

  test('with a short secret are named by their variable', () => {
    assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRET_FILE: '/x' }, { readFile: () => 'short\n' }), [
      'WEBHOOKS_GITHUB_SECRET_FILE has 5 characters; github needs 16 at least'
    ])
  })
})

describe('settings', () => {
  test('go to the instance that their variable names, and to no other', () => {
    const env = {
      WEBHOOKS_META_SECRET: KEY,
      WEBHOOKS_META_SECRETS: `acme=${OLD}`,
      WEBHOOKS_META_VERIFY_TOKEN: 'unnamed token',
      WEBHOOKS_META_VERIFY_TOKENS: 'acme=to=ken'
    }
    assert.deepEqual(only(meta, env), {
      '': { secrets: [KEY], settings: { 'verify-token': 'unnamed token' } },
      acme: { secrets: [OLD], settings: { 'verify-token': 'to=ken' } }
    })
    const { WEBHOOKS_META_VERIFY_TOKENS: _, ...lacking } = env
    assert.deepEqual(refusal([meta], lacking), [
      'WEBHOOKS_META_SECRETS (entry 1) needs its id in WEBHOOKS_META_VERIFY_TOKENS as well'
    ])
  })

  test('that are optional may be left out', () => {
    assert.deepEqual(only(github, { WEBHOOKS_GITHUB_SECRET: KEY, WEBHOOKS_GITHUB_ALLOW_SHA1: 'true' }), {
      '': { secrets: [KEY], settings: { 'allow-sha1': 'true' } }
    })
  })

  test('that are lists become one text with single spaces between', () => {
    const expected = { secrets: [], settings: { topic: 'arn:1 arn:2' } }
    assert.deepEqual(only(sns, { WEBHOOKS_SNS_TOPIC: ' arn:1\n  arn:2 ' }), { '': expected })
    for (const text of ['a=arn:1 a=arn:2', '{"a": ["arn:1", "arn:2"]}', '{"a": "arn:1  arn:2"}']) {
      assert.deepEqual(only(sns, { WEBHOOKS_SNS_TOPICS: text }), { a: expected })
    }
  })

  test('make the instance where there is no secret', () => {
    assert.deepEqual(
      only(paypal, { WEBHOOKS_PAYPAL_WEBHOOK_IDS: 'acme=1AB beta=2CD', WEBHOOKS_PAYPAL_MODES: 'beta=x' }),
      {
        acme: { secrets: [], settings: { 'webhook-id': '1AB' } },
        beta: { secrets: [], settings: { 'webhook-id': '2CD', mode: 'x' } }
      }
    )
    const two = receiver('two', ['first', 'second'], unkeyed)
    assert.deepEqual(refusal([two], { WEBHOOKS_TWO_FIRST: 'one' }), [
      'WEBHOOKS_TWO_FIRST needs WEBHOOKS_TWO_SECOND as well'
    ])
    assert.deepEqual(refusal([two], {}), [
      'two has no instance: set WEBHOOKS_TWO_FIRST and WEBHOOKS_TWO_SECOND, ' +
        'or for named ones WEBHOOKS_TWO_FIRSTS and WEBHOOKS_TWO_SECONDS'
    ])
  })

  test('where nothing is needed, the unnamed instance is there by itself', () => {
    const bare = receiver('bare', ['mode?'], unkeyed)
    assert.deepEqual(only(bare, {}), { '': { secrets: [], settings: {} } })
    assert.deepEqual(only(bare, { WEBHOOKS_BARE_MODES: 'a=x' }), { a: { secrets: [], settings: { mode: 'x' } } })
    assert.deepEqual(only(bare, {}, { credentials: () => undefined }), {})
  })

  test('that are missing, empty, double or without a secret are refused', () => {
    assert.deepEqual(refusal([meta], { WEBHOOKS_META_SECRET: KEY }), [
      'WEBHOOKS_META_SECRET needs WEBHOOKS_META_VERIFY_TOKEN as well'
    ])
    assert.deepEqual(refusal([meta], { WEBHOOKS_META_SECRET: KEY, WEBHOOKS_META_VERIFY_TOKEN: ' ' }), [
      'WEBHOOKS_META_VERIFY_TOKEN is empty'
    ])
    for (const text of ['a=one a=two', '{"a": ["one", "two"]}']) {
      const [line, ...others] = refusal([meta], {
        WEBHOOKS_META_SECRETS: `a=${KEY}`,
        WEBHOOKS_META_VERIFY_TOKENS: text
      })
      assert.match(line!, /^WEBHOOKS_META_VERIFY_TOKENS \(entry \d\) gives an id its second value/)
      assert.deepEqual(others, [])
    }
    assert.deepEqual(
      refusal([meta], { WEBHOOKS_META_VERIFY_TOKEN: 'tok-1', WEBHOOKS_META_VERIFY_TOKENS: 'abc=tok-2' }),
      [
        'WEBHOOKS_META_VERIFY_TOKEN needs WEBHOOKS_META_SECRET as well',
        'WEBHOOKS_META_VERIFY_TOKENS (entry 1) needs its id in WEBHOOKS_META_SECRETS as well'
      ]
    )
  })
})

describe('a start is refused', () => {
  test('without an instance, with the variables to set', () => {
    assert.deepEqual(refusal([github, meta], {}), [
      'github has no instance: set WEBHOOKS_GITHUB_SECRET, or for named ones WEBHOOKS_GITHUB_SECRETS',
      'meta has no instance: set WEBHOOKS_META_SECRET and WEBHOOKS_META_VERIFY_TOKEN, ' +
        'or for named ones WEBHOOKS_META_SECRETS and WEBHOOKS_META_VERIFY_TOKENS'
    ])
    refusal([github], {}, { credentials: {} })
  })

  test('with an empty or blank secret', () => {
    for (const blank of ['', ' ', '\n\t']) {
      assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRET: blank }), ['WEBHOOKS_GITHUB_SECRET is empty'])
      assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRETS: blank }), ['WEBHOOKS_GITHUB_SECRETS is empty'])
      assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRETS: JSON.stringify({ abc: [KEY, blank] }) }), [
        'WEBHOOKS_GITHUB_SECRETS (entry 1) is empty'
      ])
    }
    assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRETS: `abc=${KEY} def=` }), [
      'WEBHOOKS_GITHUB_SECRETS (entry 2) is empty'
    ])
    assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRETS: '{}' }), ['WEBHOOKS_GITHUB_SECRETS is empty'])
  })

  test('with a secret that is shorter than its scheme demands', () => {
    assert.deepEqual(only(github, { WEBHOOKS_GITHUB_SECRET: '0123456789abcdef' }), {
      '': { secrets: ['0123456789abcdef'], settings: {} }
    })
    const env = { WEBHOOKS_GITHUB_SECRET: '0123456789abcde', WEBHOOKS_GITHUB_SECRET_PREVIOUS: 'short' }
    assert.deepEqual(refusal([github], env), [
      'WEBHOOKS_GITHUB_SECRET has 15 characters; github needs 16 at least',
      'WEBHOOKS_GITHUB_SECRET_PREVIOUS has 5 characters; github needs 16 at least'
    ])
    assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRET: '🔑'.repeat(8) }), [
      'WEBHOOKS_GITHUB_SECRET has 8 characters; github needs 16 at least'
    ])
  })

  test('with a previous secret alone', () => {
    assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRET_PREVIOUS: OLD }), [
      'WEBHOOKS_GITHUB_SECRET_PREVIOUS is set, but WEBHOOKS_GITHUB_SECRET is not'
    ])
  })

  test('with malformed entries, which are told by their position', () => {
    assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRETS: `acme=${KEY} lonely-secret-of-mine =${KEY}` }), [
      'WEBHOOKS_GITHUB_SECRETS (entry 2) is not of the form id=value',
      'WEBHOOKS_GITHUB_SECRETS (entry 3) has an id that cannot stand in a URL: ' +
        'an id is 1 to 100 of the characters A-Z a-z 0-9 - . _ ~, but not . or ..'
    ])
  })

  test('with malformed JSON, and by the position in the text where that can be told', () => {
    assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRETS: `{acme: '${KEY}'}` }), [
      'WEBHOOKS_GITHUB_SECRETS begins like JSON, but is not valid JSON'
    ])
    for (const value of ['null', '5', '[]', `["${KEY}", 5]`, `[["${KEY}"]]`, '{"first": "x"}']) {
      // The parser would put the id 7 first.
      assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRETS: `{"first": "${KEY}", "9": ${value}, "7": 1}` }), [
        'WEBHOOKS_GITHUB_SECRETS (entry 2) is neither a text nor a list of texts'
      ])
    }
  })

  test('with an id twice in JSON, of which the parser would keep the last alone', () => {
    assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRETS: `{"acme": "${KEY}", "ac\\u006de": "${OLD}"}` }), [
      'WEBHOOKS_GITHUB_SECRETS (entry 2) repeats an id: give that id a list'
    ])
  })

  test('with an id that is no plain segment of a URL', () => {
    for (const id of ['a/b', '.', '..', 'a%2fb', 'é', 'a'.repeat(101), 'a?b']) {
      const [line, ...others] = refusal([github], { WEBHOOKS_GITHUB_SECRETS: `${id}=${KEY}` })
      assert.match(line!, /^WEBHOOKS_GITHUB_SECRETS \(entry 1\) has an id that cannot stand in a URL/)
      assert.deepEqual(others, [])
    }
    assert.ok(only(github, { WEBHOOKS_GITHUB_SECRETS: `a.b_c-D~9=${KEY}` })['a.b_c-D~9'])
  })

  test('with two receivers of one name, or a name that cannot be a variable and a segment', () => {
    const env = { WEBHOOKS_GITHUB_SECRET: KEY }
    assert.deepEqual(refusal([github, github], env), [
      'Two receivers are named github: spread one of them and give it another name'
    ])
    for (const name of ['', 'Git', 'git_hub', 'git/hub', '-git', 'git--hub', '../x', undefined as any]) {
      assert.match(refusal([github, receiver(name)], env)[0]!, /^The receiver name .* is not lower-case letters/)
    }
    refusal([github, receiver('x', ['Topics!'])], { ...env, WEBHOOKS_X_SECRET: KEY })
  })

  test('with a variable that two would read', () => {
    const env = { WEBHOOKS_BITBUCKET_SECRET: KEY, WEBHOOKS_BITBUCKET_SERVER_SECRET: KEY }
    const [line] = refusal([receiver('bitbucket', ['server-secret?']), bitbucketServer], env)
    assert.equal(
      line,
      'WEBHOOKS_BITBUCKET_SERVER_SECRET would mean two things, ' +
        'to the setting server-secret of bitbucket and to the secret of bitbucket-server'
    )
  })

  test('once, with all that is wrong and with the names that nothing reads', () => {
    const env = { WEBHOOKS_GITHUB_SECRT: KEY, WEBHOOKS_META_SECRET: 'short', WEBHOOKS_PUBLIC_URL: 'nowhere' }
    assert.deepEqual(refusal([github, meta], env, { minSecretLength: 0 }), [
      'The option minSecretLength must be a whole number, 1 at least',
      'WEBHOOKS_PUBLIC_URL is not an origin and a path, like https://api.example.com/hooks, without query and hash',
      'github has no instance: set WEBHOOKS_GITHUB_SECRET, or for named ones WEBHOOKS_GITHUB_SECRETS',
      'WEBHOOKS_META_SECRET needs WEBHOOKS_META_VERIFY_TOKEN as well',
      'WEBHOOKS_META_SECRET has 5 characters; meta needs 16 at least',
      'Nothing reads WEBHOOKS_GITHUB_SECRT. Did you mean WEBHOOKS_GITHUB_SECRET?'
    ])
  })
})

describe('minSecretLength', () => {
  const env = { WEBHOOKS_GITHUB_SECRET: '12345678' }

  test('lowers what a scheme demands', () => {
    assert.ok(only(github, env, { minSecretLength: 8 })[''])
    assert.deepEqual(refusal([github], env, { minSecretLength: 9 }), [
      'WEBHOOKS_GITHUB_SECRET has 8 characters; github needs 9 at least'
    ])
  })

  test('never raises it', () => {
    const lenient = receiver('github', [], { ...basic(), key: { min: 4 } })
    assert.ok(only(lenient, env, { minSecretLength: 32 })[''])
  })

  test('cannot let an empty secret pass', () => {
    for (const minSecretLength of [0, -1, 1.5, Number.NaN, Infinity]) refusal([github], env, { minSecretLength })
    assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRET: '' }, { minSecretLength: 1 }), [
      'WEBHOOKS_GITHUB_SECRET is empty'
    ])
  })
})

describe('the option credentials', () => {
  test('beats the environment, for the instances that it names', () => {
    const env = {
      WEBHOOKS_GITHUB_SECRET: 'short, but it does not count',
      WEBHOOKS_GITHUB_ALLOW_SHA1: 'true',
      WEBHOOKS_GITHUB_SECRETS: `acme=${OLD}`
    }
    assert.deepEqual(only(github, env, { credentials: { github: { '': { secrets: [KEY] } } } }), {
      '': { secrets: [KEY], settings: {} },
      acme: { secrets: [OLD], settings: {} }
    })
  })

  test('obeys the same rules', () => {
    const credentials: any = {
      meta: {
        '': { secrets: ['short'], settings: { 'verify-token': '' } },
        acme: { secrets: [KEY] },
        beta: { settings: { 'verify-token': 'x' } },
        gamma: null
      }
    }
    const refused = (input: any) => refusal([meta], {}, { credentials: { meta: { a: input } } })
    assert.deepEqual(refusal([meta], {}, { credentials }), [
      "credentials['meta']['acme'] needs the setting verify-token as well",
      "credentials['meta']['beta'] needs a secret as well",
      "credentials['meta']['gamma'] needs a secret as well",
      "credentials['meta']['gamma'] needs the setting verify-token as well",
      "credentials['meta'][''].secrets[0] has 5 characters; meta needs 16 at least",
      "credentials['meta'][''].settings['verify-token'] is empty"
    ])
    for (const secrets of [KEY, [5], [undefined], null, {}]) {
      assert.deepEqual(refused({ secrets, settings: { 'verify-token': 'x' } }), [
        "credentials['meta']['a'].secrets must be a list of strings"
      ])
    }
    assert.deepEqual(refused({ secrets: [KEY], settings: { 'verify-token': 5 } }), [
      "credentials['meta']['a'].settings['verify-token'] must be a string"
    ])
  })

  test('with a receiver or an id that cannot be is refused, a setting that nothing reads is warned of', () => {
    const good = { secrets: [KEY] }
    assert.deepEqual(refusal([github], {}, { credentials: { github: { '': good }, gitlab: { '': good } } }), [
      'The option credentials names gitlab, but no such receiver is registered'
    ])
    assert.match(
      refusal([github], {}, { credentials: { github: { '': good, 'a/b': good } } })[0]!,
      /^credentials\['github'\] \(entry 2\) has an id that cannot stand in a URL/
    )
    const credentials = { github: { '': { ...good, settings: { allowSha1: 'true' } } } }
    const { instances, warnings } = configure([github], { env: {}, credentials })
    assert.deepEqual(instances.get('github')!.get(''), { secrets: [KEY], settings: {} })
    assert.deepEqual(warnings, ["credentials['github'][''].settings has allowSha1, which github does not read"])
  })

  test('holds ids and receivers of the language’s own names', () => {
    const credentials = { constructor: JSON.parse(`{"__proto__": {"secrets": ["${KEY}"]}}`) }
    const named = receiver('constructor')
    assert.deepEqual(
      [...configure([named], { env: {}, credentials }).instances.get('constructor')!.keys()],
      ['__proto__']
    )
    refusal([named], {}, { credentials: {} })
  })

  test('as a function may know what the environment does not', () => {
    const { instances } = configure([github, meta], { env: {}, credentials: () => undefined })
    assert.deepEqual(
      [...instances.values()].map(({ size }) => size),
      [0, 0]
    )
    refusal([github], { WEBHOOKS_GITHUB_SECRET: 'short' }, { credentials: () => undefined })
  })
})

describe('the public URL', () => {
  const env = { WEBHOOKS_GITHUB_SECRET: KEY, WEBHOOKS_TWILIO_SECRET: KEY }
  const urlOf = (url: string) => configure([github], { env: { ...env, WEBHOOKS_PUBLIC_URL: url } }).publicUrl

  test('is an origin and a path as they were given, without slash at the end', () => {
    assert.equal(urlOf('https://api.example.com'), 'https://api.example.com')
    assert.equal(urlOf(' https://api.example.com:443/Hooks//\n'), 'https://api.example.com:443/Hooks')
    assert.equal(urlOf('http://localhost:3000/'), 'http://localhost:3000')
    assert.equal(urlOf('https://user:pass@my.test/in'), 'https://user:pass@my.test/in')
    assert.equal(configure([github], { env }).publicUrl, undefined)
  })

  test('as an option beats the variable', () => {
    const options = { env: { ...env, WEBHOOKS_PUBLIC_URL: 'https://one.example' }, publicUrl: 'https://two.example/' }
    assert.equal(configure([github], options).publicUrl, 'https://two.example')
    assert.match(refusal([github], env, { publicUrl: 'two' })[0]!, /^The option publicUrl is not an origin and a path/)
  })

  test('of another form is refused', () => {
    const paths = ['https://my.test/?a=b', 'https://my.test/#', 'https://a b', 'https:\\\\my.test']
    const origins = [
      '',
      'my.test',
      'ftp://my.test',
      'https:///my.test',
      'https://user:pass@my.test@evil.test',
      'https://my.test:x'
    ]
    for (const url of [...origins, ...paths]) {
      assert.deepEqual(refusal([github], { WEBHOOKS_GITHUB_SECRET: KEY, WEBHOOKS_PUBLIC_URL: url }), [
        'WEBHOOKS_PUBLIC_URL is not an origin and a path, like https://api.example.com/hooks, without query and hash'
      ])
    }
  })

  test('must be known where a scheme signs it, unless a proxy is trusted to tell it', () => {
    assert.deepEqual(refusal([github, twilio], env), ['WEBHOOKS_PUBLIC_URL is not set, and this is signed by twilio'])
    configure([github, twilio], { env, trustProxy: true })
    configure([github, twilio], { env, publicUrl: 'https://api.example.com' })
  })
})

describe('a warning', () => {
  const warningsOf = (env: Env, ...receivers: AnyReceiver[]) => configure(receivers, { env }).warnings

  test('tells of names that nothing reads, with the nearest one that is read', () => {
    const env = {
      WEBHOOKS_GITHUB_SECRET: KEY,
      WEBHOOKS_GIHUB_SECRET: KEY,
      WEBHOOKS_GITHUB_ALOW_SHA1: 'true',
      WEBHOOKS_STRIPE_SECRET: KEY,
      WEBHOOKS_BITBUCKET_SERVER_SECRET: KEY,
      WEBHOOKS_BITBUCKET_SECRET: KEY,
      WEBHOOKS_STORE: 'sqlite:x',
      WEBHOOKS_PUBLIC_URL: 'https://example.com',
      WEBHOOKSGITHUB: 'x',
      PATH: '/bin'
    }
    const unknown = 'no receiver that is registered has a variable of this name'
    assert.deepEqual(warningsOf(env, github, bitbucket), [
      'Nothing reads WEBHOOKS_GIHUB_SECRET. Did you mean WEBHOOKS_GITHUB_SECRET?',
      'Nothing reads WEBHOOKS_GITHUB_ALOW_SHA1. Did you mean WEBHOOKS_GITHUB_ALLOW_SHA1?',
      `Nothing reads WEBHOOKS_STRIPE_SECRET: ${unknown}`,
      `Nothing reads WEBHOOKS_BITBUCKET_SERVER_SECRET: ${unknown}`
    ])
  })

  test('tells of a secret where a scheme has none', () => {
    assert.equal(warningsOf({ WEBHOOKS_SNS_TOPIC: 'arn:1', WEBHOOKS_SNS_SECRET: KEY }, sns).length, 1)
  })

  test('tells of white space around a value, and leaves it there', () => {
    const env = {
      WEBHOOKS_META_SECRET: `${KEY} `,
      WEBHOOKS_META_VERIFY_TOKEN: '\tx',
      WEBHOOKS_META_SECRETS: JSON.stringify({ a: [KEY, ` ${OLD}`] }),
      WEBHOOKS_META_VERIFY_TOKENS: 'a=x'
    }
    const { instances, warnings } = configure([meta], { env })
    assert.deepEqual(instances.get('meta')!.get('')!.secrets, [`${KEY} `])
    assert.deepEqual(
      warnings,
      ['WEBHOOKS_META_SECRET', 'WEBHOOKS_META_VERIFY_TOKEN', 'WEBHOOKS_META_SECRETS (entry 1)'].map(
        from => `${from} begins or ends with white space: is that part of it?`
      )
    )
  })

  test('is not given where nothing is wrong', () => {
    assert.deepEqual(warningsOf({ WEBHOOKS_GITHUB_SECRET: `${KEY} ${KEY}` }, github), [])
  })
})

describe('a name that nothing reads', () => {
  const told = (name: string) => configure([github], { env: { WEBHOOKS_GITHUB_SECRET: KEY, [name]: 'x' } }).warnings

  test('may mean another one, if three letters at most are missing, too many or wrong', () => {
    for (const name of [
      'GITHUB_SECRT',
      'GITHUB_SECRRET',
      'GITHUB_SECRIT',
      'GTHB_SECRT',
      'XGITHUBX_XSECRET',
      'GXXHUB_ZECRET'
    ]) {
      const line = `Nothing reads WEBHOOKS_${name}. Did you mean WEBHOOKS_GITHUB_SECRET?`
      assert.deepEqual(told(`WEBHOOKS_${name}`), [line])
    }
    for (const name of ['GTHB_SCRT', 'XGITXHUBX_XSECRET', 'GXXXUB_ZECRET', 'TERCES_BUHTIG']) {
      assert.match(told(`WEBHOOKS_${name}`)[0]!, /no receiver that is registered has a variable of this name/, name)
    }
  })
})

describe('an error of reading a file', () => {
  test('is told by its code, if that is the constant it should be, and by nothing else of it', () => {
    const told = (thrown: unknown) => {
      const readFile = () => {
        throw thrown
      }
      return refusal([github], { WEBHOOKS_GITHUB_SECRET_FILE: '/run/secrets/x' }, { readFile })
    }
    const lineOf = (reason: string) => [`The file of WEBHOOKS_GITHUB_SECRET_FILE cannot be read (${reason})`]
    assert.deepEqual(told({ code: 'E_1' }), lineOf('E_1'))
    for (const thrown of [
      { code: 404 },
      { code: ['EIO'] },
      { code: 'EIO: /run' },
      { code: 'x EIO' },
      { code: '' },
      {}
    ]) {
      assert.deepEqual(told(thrown), lineOf('no reason given'), JSON.stringify(thrown))
    }
    for (const thrown of [undefined, 'EIO']) assert.deepEqual(told(thrown), lineOf('no reason given'))
  })
})

describe('a setting that a table leaves empty', () => {
  test('is not set, whether it is undefined or null, and nothing else but text may stand there', () => {
    const inputs = (value: unknown) => ({
      github: { '': { secrets: [KEY], settings: { 'allow-sha1': value as string } } }
    })
    for (const value of [undefined, null]) {
      const { instances, warnings } = configure([github], { env: {}, credentials: inputs(value) })
      assert.deepEqual([instances.get('github')!.get(''), warnings], [{ secrets: [KEY], settings: {} }, []])
    }
    for (const value of [true, 0, ['true'], {}]) {
      assert.deepEqual(refusal([github], {}, { credentials: inputs(value) }), [
        "credentials['github'][''].settings['allow-sha1'] must be a string"
      ])
    }
  })
})

describe('a receiver without a secret', () => {
  test('needs an instance if any of its settings is required, whatever else is optional', () => {
    assert.deepEqual(refusal([paypal], {}), [
      'paypal has no instance: set WEBHOOKS_PAYPAL_WEBHOOK_ID, or for named ones WEBHOOKS_PAYPAL_WEBHOOK_IDS'
    ])
    const optional = receiver('open', ['mode?', 'note?'], unkeyed)
    assert.deepEqual(only(optional, {}), { '': { secrets: [], settings: {} } })
  })
})

describe('the name of a setting', () => {
  test('is lower-case letters, digits and single hyphens, a list or not, needed or not', () => {
    for (const name of ['', '-a', 'a-', 'a--b', 'A', 'a b', 'a_b', '*', '?', 'a?*', 'a**', 'a??', '*a', ' a', 'a ']) {
      const problem = `odd has a setting of no valid name: ${JSON.stringify(name)}`
      assert.deepEqual(refusal([receiver('odd', [name], unkeyed)], {}), [problem], name)
    }
    for (const name of ['a?', 'a*?', 'a1-b2-c3?', '1?']) {
      assert.deepEqual(only(receiver('odd', [name], unkeyed), {}), { '': { secrets: [], settings: {} } }, name)
    }
  })
})

describe('a variable that is there without a value', () => {
  test('is not there', () => {
    const env = { WEBHOOKS_GITHUB_SECRET: KEY, WEBHOOKS_GITHUB_SECRT: undefined, WEBHOOKS_GITHUB_SECRETS: undefined }
    const { instances, warnings } = configure([github], { env })
    assert.deepEqual([[...instances.get('github')!.keys()], warnings], [[''], []])
  })
})
