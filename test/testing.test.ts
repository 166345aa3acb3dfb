import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { hmac, ip, none, plain, query, token } from '../src/kit.ts'
import type { AnyReceiver, Scheme, Verdict } from '../src/receiver.ts'
import { checksOf, isProven, type Vector } from '../src/testing/index.ts'

const SECRET = 'a secret for these tests alone'
const TIME = 1_700_000_000
const BODY = '{"type":"order.paid","id":"o-1","at":"2023-11-14T22:13:00Z","note":"free"}'

const sound = hmac({
  header: 'x-signature',
  hash: 'sha256',
  encoding: 'hex',
  layout: plain('v1='),
  timestamp: { header: 'x-time', as: 'seconds' },
  content: ({ body }, time) => [time, '.', body]
})

const receiver: AnyReceiver = {
  name: 'shop',
  docs: 'https://shop.example/docs/webhooks',
  scheme: sound,
  describe: ({ body }) => ({ event: body.type, id: body.id })
}

const vector: Vector = {
  name: 'order.paid',
  source: 'posthorn',
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
    'X-Time': String(TIME),
    'X-Signature': `v1=${createHmac('sha256', SECRET).update(`${TIME}.${BODY}`).digest('hex')}`
  },
  body: BODY,
  secret: SECRET,
  now: TIME,
  valid: true,
  describes: { event: 'order.paid', id: 'o-1' }
}

const tokenVector: Vector = {
  ...vector,
  headers: {},
  url: `https://example.com/hooks?code=${encodeURIComponent(SECRET)}`,
  unsigned: { find: 'free', replace: 'changed' }
}

async function failures(tested: AnyReceiver, vectors: readonly Vector[] = [vector]): Promise<Map<string, string>> {
  const failed = new Map<string, string>()
  for (const { name, run } of checksOf(tested, vectors)) {
    await run().catch(error => {
      if (error.name !== 'AssertionError') throw error
      failed.set(name, error.message)
    })
  }
  return failed
}

/** The sound scheme, but for what a test breaks in its `verify`. */
function broken(verify: (...input: Parameters<Scheme['verify']>) => Verdict): AnyReceiver {
  return { ...receiver, scheme: { ...sound, verify } }
}

const judge = sound.verify as (...input: Parameters<Scheme['verify']>) => Verdict

function expectedSignature({ headers, body }: Parameters<Scheme['verify']>[0], secret: string | undefined): string {
  const mac = createHmac('sha256', secret ?? '')
    .update(`${headers['x-time']}.`)
    .update(body)
  return `v1=${mac.digest('hex')}`
}

const OK: Verdict = { ok: true, secret: 0 }
const REFUSED: Verdict = { ok: false, reason: 'signature-mismatch' }

test('a sound receiver passes every check', async () => {
  assert.deepEqual([...(await failures(receiver))], [])
})

test('so does one that proves only who sends, and says so', async () => {
  const codes = { ...receiver, scheme: token(query('code'), { min: 16 }) }
  assert.deepEqual([...(await failures(codes, [tokenVector]))], [])
})

test('so does one that proves only where from, also when a vector comes from the very first address', async () => {
  const addressed = { ...receiver, scheme: ip('192.0.2.0/24', '198.51.100.7') }
  const unsigned = { find: 'free', replace: 'changed' }
  const vectors = ['192.0.2.0', '198.51.100.7'].map(address => ({ ...vector, name: address, address, unsigned }))
  assert.deepEqual([...(await failures(addressed, vectors))], [])
})

test('so does one without proof, written down', async () => {
  const open = { ...receiver, scheme: none({ because: 'only reachable through a tunnel' }) }
  assert.deepEqual([...(await failures(open, [{ ...vector, unsigned: { find: 'free', replace: 'x' } }]))], [])
})

test('one that takes any address fails without its proof', async () => {
  const verify: Scheme['verify'] = ({ address }) => (address === '203.0.113.9' ? REFUSED : OK)
  const open = { ...receiver, scheme: { ...ip('192.0.2.0/24'), verify } }
  const failed = await failures(open, [{ ...vector, address: '192.0.2.7' }])
  for (const attack of ['without its proof', 'with an empty proof', 'with a doubled proof']) {
    assert.ok(failed.has(`refused ${attack}`), attack)
  }
})

test('a receiver that checks no signature fails under every attack', async () => {
  const failed = await failures(broken(() => OK))
  for (const attack of [
    'under another secret',
    'without a secret',
    'with the empty secret',
    'without its proof',
    'with an empty proof',
    'with a longer proof',
    'with a shorter proof',
    'with a misspelled proof',
    'with a doubled proof',
    'at another time',
    'with another body'
  ]) {
    assert.ok(failed.has(`refused ${attack}`), attack)
  }
  assert.ok(failed.has('survives hostile requests'))
})

test('a failure says which request, which attack, and what came out', async () => {
  const failed = await failures(broken(() => OK))
  const message = 'vector "order.paid", an hour late: must be refused, but was accepted as order.paid'
  assert.ok(failed.get('refused at another time')?.includes(message), failed.get('refused at another time'))
})

const holes: Record<string, { readonly tested: AnyReceiver; readonly vectors?: Vector[]; readonly fails: string }> = {
  'a time that nobody compares': {
    tested: broken((request, credentials) => {
      const time = Number(request.headers['x-time'])
      return judge(request, credentials, new Date(time > 0 ? time * 1000 : 0))
    }),
    fails: 'refused at another time'
  },
  'a comparison of the beginning only': {
    tested: broken((request, { secrets }) => {
      const given = String(request.headers['x-signature'] ?? 'none')
      return given.startsWith(expectedSignature(request, secrets[0])) ? OK : REFUSED
    }),
    fails: 'refused with a longer proof'
  },
  'a comparison as far as the signature goes': {
    tested: broken((request, { secrets }) => {
      const given = String(request.headers['x-signature'] ?? 'none')
      return expectedSignature(request, secrets[0]).startsWith(given) ? OK : REFUSED
    }),
    fails: 'refused with a shorter proof'
  },
  'an empty signature that passes': {
    tested: broken((request, credentials, now) =>
      request.headers['x-signature'] === '' ? OK : judge(request, credentials, now)
    ),
    fails: 'refused with an empty proof'
  },
  'a missing signature that passes': {
    tested: broken((request, credentials, now) =>
      request.headers['x-signature'] === undefined ? OK : judge(request, credentials, now)
    ),
    fails: 'refused without its proof'
  },
  'the first of two headers': {
    tested: broken((request, credentials, now) => {
      const first = [request.headers['x-signature']].flat()[0]
      return judge({ ...request, headers: { ...request.headers, 'x-signature': first } }, credentials, now)
    }),
    fails: 'refused with a doubled proof'
  },
  'the first of two joined headers': {
    tested: broken((request, credentials, now) => {
      const given = request.headers['x-signature']
      const first = typeof given === 'string' ? given.split(',')[0] : given
      return judge({ ...request, headers: { ...request.headers, 'x-signature': first } }, credentials, now)
    }),
    fails: 'refused with a doubled proof'
  },
  'a decoder that skips junk': {
    tested: broken((request, credentials, now) => {
      const given = String(request.headers['x-signature'] ?? '').replace(/\s/g, '')
      return judge({ ...request, headers: { ...request.headers, 'x-signature': given } }, credentials, now)
    }),
    fails: 'refused with a misspelled proof'
  },
  'no secret, no check': {
    tested: broken((request, credentials, now) =>
      credentials.secrets.length === 0 ? OK : judge(request, credentials, now)
    ),
    fails: 'refused without a secret'
  },
  'a key that may be empty': {
    tested: broken((request, { secrets }) =>
      request.headers['x-signature'] === expectedSignature(request, secrets[0]) ? OK : REFUSED
    ),
    vectors: [{ ...vector, secret: '', headers: { ...vector.headers, 'X-Signature': emptyKeySignature() } }],
    fails: 'refused with the empty secret'
  },
  'a body that is signed as text': {
    tested: {
      ...receiver,
      scheme: hmac({
        header: 'x-signature',
        hash: 'sha256',
        encoding: 'hex',
        layout: plain('v1='),
        timestamp: { header: 'x-time', as: 'seconds' },
        content: ({ body }, time) => [time, '.', Buffer.from(body).toString()]
      })
    },
    fails: 'refused with another body'
  },
  'only the newest secret counts': {
    tested: broken((request, credentials, now) =>
      judge(request, { ...credentials, secrets: credentials.secrets.slice(0, 1) }, now)
    ),
    fails: 'accepts a secret while it is rotated out'
  },
  'a scheme that throws on a list': {
    tested: broken((request, credentials, now) => {
      ;(request.headers['x-signature'] as string | undefined)?.trim()
      return judge(request, credentials, now)
    }),
    fails: 'survives hostile requests'
  },
  'a time that is checked, but not declared': {
    tested: { ...receiver, scheme: { ...sound, covers: { body: 'bytes', time: false } } },
    fails: 'covers no more than it declares'
  },
  'a body that is covered, but not declared': {
    tested: { ...receiver, scheme: { ...sound, covers: { body: false, time: true } } },
    vectors: [{ ...vector, unsigned: { find: 'free', replace: 'changed' } }],
    fails: 'covers no more than it declares'
  },
  'bytes that are declared as values': {
    tested: { ...receiver, scheme: { ...sound, covers: { body: 'values', time: true } } },
    vectors: [
      {
        ...vector,
        signed: { find: 'o-1', replace: 'o-2' },
        respelled: { find: '"o-1"', replace: '"\\u006f-1"' }
      }
    ],
    fails: 'covers no more than it declares'
  },
  'a signed value that is not signed': {
    tested: { ...receiver, scheme: { ...token(query('code')), covers: { body: 'values', time: false } } },
    vectors: [
      { ...tokenVector, signed: { find: 'o-1', replace: 'o-2' }, respelled: { find: '"o-1"', replace: '"\\u006f-1"' } }
    ],
    fails: 'refused with another signed value'
  },
  'a body that is declared, but not covered': {
    tested: { ...receiver, scheme: { ...token(query('code')), covers: { body: 'bytes', time: false } } },
    vectors: [tokenVector],
    fails: 'refused with another body'
  },
  'a URL that is declared, but not covered': {
    tested: { ...receiver, scheme: { ...sound, covers: { ...sound.covers, url: true } } },
    fails: 'refused at another URL'
  },
  'a token that travels undeclared': {
    tested: { ...receiver, scheme: { ...token(query('code')), carries: {} } },
    vectors: [tokenVector],
    fails: 'hides what must not be kept'
  },
  'a secret field that no vector has': {
    tested: { ...receiver, secretFields: ['SessionId'] },
    fails: 'hides what must not be kept'
  },
  'a description that throws on another shape': {
    tested: { ...receiver, describe: ({ body }) => ({ event: body.type, id: body.id.toLowerCase() }) },
    fails: 'describes bodies of any shape'
  },
  'a challenge that comes back as a page': {
    tested: {
      ...receiver,
      handshakes: [
        {
          trust: 'unsigned',
          methods: ['GET'],
          reply: ({ url }) => ({ status: 200, body: new URL(url).searchParams.get('challenge') ?? '' })
        }
      ]
    },
    vectors: [
      vector,
      {
        name: 'challenge',
        source: 'posthorn',
        method: 'GET',
        url: 'https://example.com/hooks?challenge=abc',
        headers: {},
        valid: true,
        scheme: 'handshake',
        expect: { status: 200, body: 'abc' }
      }
    ],
    fails: 'echoes no markup'
  },
  'a setting in the plural': { tested: { ...receiver, settings: ['topics'] }, fails: 'its data is well-formed' },
  'a scheme that cannot sign': {
    tested: { ...receiver, scheme: { key: { min: 16 }, covers: sound.covers, verify: sound.verify } },
    fails: 'its data is well-formed'
  },
  'a signature that is made otherwise than it is checked': {
    tested: { ...receiver, scheme: { ...sound, sign: (request, key, now) => sound.sign!(request, `${key}.`, now) } },
    fails: 'verifies what it signs'
  },
  'a wrong verdict': {
    tested: receiver,
    vectors: [vector, { ...vector, name: 'said to be wrong', valid: false }],
    fails: 'vector: said to be wrong'
  },
  'an id that was not expected': {
    tested: receiver,
    vectors: [{ ...vector, describes: { event: 'order.paid' } }],
    fails: 'vector: order.paid'
  },
  'an answer that was not expected': {
    tested: { ...receiver, accepted: { status: 204 } },
    vectors: [{ ...vector, expect: { status: 200 } }],
    fails: 'vector: order.paid'
  },
  'a receiver whose vectors describe nothing': {
    tested: receiver,
    vectors: [vector].map(({ describes: _, ...rest }) => rest),
    fails: 'its vectors suffice'
  },
  'a receiver without valid vectors': { tested: receiver, vectors: [], fails: 'its vectors suffice' }
}

function emptyKeySignature(): string {
  return `v1=${createHmac('sha256', '').update(`${TIME}.${BODY}`).digest('hex')}`
}

for (const [hole, { tested, vectors, fails }] of Object.entries(holes)) {
  test(`${hole}: fails "${fails}"`, async () => {
    const failed = await failures(tested, vectors)
    assert.ok(failed.has(fails), `failed instead: ${[...failed.keys()].join(', ') || 'nothing'}`)
  })
}

test('a proof that leaves the body free needs a change that must pass, and the message shows how to add one', async () => {
  const { unsigned: _, ...without } = tokenVector
  const failed = await failures({ ...receiver, scheme: token(query('code')) }, [without])
  assert.deepEqual([...failed.keys()], ['covers no more than it declares'])
  assert.match([...failed.values()][0]!, /no vector has `unsigned`: add .* \{ "find": "…", "replace": "…" \}/)
})

test('a change that the body does not have fails its vector', async () => {
  const lost = { ...tokenVector, unsigned: { find: 'nowhere', replace: 'x' } }
  const failed = await failures({ ...receiver, scheme: token(query('code')) }, [lost])
  assert.match(failed.get('vector: order.paid') ?? '', /`unsigned` looks for "nowhere"/)
})

test('a list of signatures, any of which may be right, is no doubled proof', async () => {
  const { layout, vectors } = listed()
  const listing = hmac({ header: 'x-signature', hash: 'sha256', encoding: 'hex', layout })
  assert.deepEqual([...(await failures({ ...receiver, scheme: listing }, vectors))], [])
})

function listed() {
  const signature = createHmac('sha256', SECRET).update(BODY).digest('hex')
  return {
    layout: {
      read: (text: string) => ({ signatures: text.split(',').map(part => part.trim()) }),
      write: (value: string) => value
    },
    vectors: [{ ...vector, headers: { 'X-Signature': signature } }]
  }
}

test('a receiver is proven by a valid delivery that somebody else signed', () => {
  const outside = { ...vector, source: 'shop.example/docs' }
  assert.equal(isProven([vector]), false)
  assert.equal(isProven([{ ...outside, valid: false }]), false)
  assert.equal(isProven([{ ...outside, scheme: 'handshake' }]), false)
  assert.equal(isProven([vector, outside]), true)
})
