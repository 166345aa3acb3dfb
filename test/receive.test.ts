import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MalformedBody } from '../src/errors.ts'
import { type Outcome, plainBody, receive } from '../src/receive.ts'
import type { AnyReceiver, Credentials, Handshake, Scheme, Verdict, WebhookRequest } from '../src/receiver.ts'

const NOW = new Date('2026-01-01T00:00:00Z')

const credentials: Credentials = { secrets: ['right'], settings: { place: 'Wien' }, fetch: () => Promise.reject() }

/** Its proof is the header `x-proof`, and it notes down what was asked of it. */
function receiverOf(parts: Partial<AnyReceiver> = {}, steps: string[] = []): AnyReceiver {
  return {
    name: 'shop',
    docs: 'https://shop.example/docs',
    scheme: schemeOf(({ headers }) => {
      steps.push('verify')
      return headers['x-proof'] === 'right' ? { ok: true, secret: 0 } : { ok: false, reason: 'signature-mismatch' }
    }),
    describe({ body }) {
      steps.push('describe')
      return { event: body.type, id: body.id }
    },
    ...parts
  }
}

function schemeOf(verify: Scheme['verify']): Scheme {
  return { key: { min: 1 }, covers: { body: false, time: false }, verify }
}

const request: WebhookRequest = {
  method: 'POST',
  url: 'https://example.com/hooks',
  headers: { 'x-proof': 'right', 'content-type': 'application/json' },
  body: Buffer.from('{"type":"paid","id":"1"}')
}

async function run(receiver: AnyReceiver, changes: Partial<WebhookRequest> = {}): Promise<Outcome> {
  return receive(receiver, 'acme', { ...request, ...changes }, credentials, NOW)
}

const unproven = { headers: {} }

function rejected(outcome: Outcome): Extract<Outcome, { kind: 'rejected' }> {
  assert.equal(outcome.kind, 'rejected')
  return outcome as Extract<Outcome, { kind: 'rejected' }>
}

function accepted(outcome: Outcome): Extract<Outcome, { kind: 'accepted' }> {
  assert.equal(outcome.kind, 'accepted')
  return outcome as Extract<Outcome, { kind: 'accepted' }>
}

test('the steps go in order: unsigned handshakes, the proof, verified handshakes, the description', async () => {
  const steps: string[] = []
  const note = (trust: 'unsigned' | 'verified'): Handshake => ({ trust, reply: () => void steps.push(trust) })
  const receiver = receiverOf({ handshakes: [note('verified'), note('unsigned')] }, steps)
  accepted(await run(receiver))
  assert.deepEqual(steps, ['unsigned', 'verify', 'verified', 'describe'])
})

test('a failed proof ends it: no verified handshake is asked, nothing is described', async () => {
  const steps: string[] = []
  const handshakes: Handshake[] = [{ trust: 'verified', reply: () => void steps.push('verified') }]
  const outcome = rejected(await run(receiverOf({ handshakes }, steps), unproven))
  assert.deepEqual(steps, ['verify'])
  assert.deepEqual(outcome, { kind: 'rejected', stage: 'proof', reason: 'signature-mismatch', reply: { status: 401 } })
})

test('an unsigned handshake answers before any proof, and gets request and credentials', async () => {
  const steps: string[] = []
  const handshakes: Handshake[] = [
    { trust: 'unsigned', reply: ({ url }, { settings }) => ({ status: 200, body: `${url} ${settings.place}` }) }
  ]
  const outcome = await run(receiverOf({ handshakes }, steps), unproven)
  assert.deepEqual(steps, [])
  const reply = { status: 200, body: 'https://example.com/hooks Wien' }
  assert.deepEqual(outcome, { kind: 'answered', reply, notice: undefined })
})

test('the first handshake that answers wins, and its notice is no part of the reply', async () => {
  const handshakes: Handshake[] = [
    { trust: 'unsigned', reply: () => undefined },
    { trust: 'unsigned', reply: async () => ({ status: 202, notice: 'a secret was offered' }) },
    { trust: 'unsigned', reply: () => assert.fail('nobody asks the third') }
  ]
  const outcome = await run(receiverOf({ handshakes }), unproven)
  assert.deepEqual(outcome, { kind: 'answered', reply: { status: 202 }, notice: 'a secret was offered' })
})

test('a handshake is asked under its own methods only, and takes POST where it names none', async () => {
  const handshakes: Handshake[] = [
    { trust: 'unsigned', methods: ['GET', 'HEAD'], reply: ({ method }) => ({ status: 200, body: method }) },
    { trust: 'unsigned', reply: () => ({ status: 204 }) }
  ]
  const receiver = receiverOf({ handshakes })
  for (const method of ['GET', 'HEAD']) {
    const outcome = await run(receiver, { method })
    assert.deepEqual(outcome, { kind: 'answered', reply: { status: 200, body: method }, notice: undefined })
  }
  assert.equal((await run(receiver)).kind, 'answered')
})

test('a method that nobody names is 405 with Allow, before the proof', async () => {
  const steps: string[] = []
  const handshakes: Handshake[] = [{ trust: 'verified', methods: ['HEAD'], reply: () => undefined }]
  const outcome = rejected(await run(receiverOf({ handshakes }, steps), { method: 'PUT' }))
  assert.deepEqual(steps, [])
  assert.equal(outcome.stage, 'proof')
  assert.equal(outcome.reason, 'method')
  assert.deepEqual(outcome.reply, { status: 405, headers: { allow: 'POST, HEAD' } })
})

test('Allow names POST where only a handshake takes it', async () => {
  const handshakes: Handshake[] = [{ trust: 'verified', reply: () => undefined }]
  const outcome = rejected(await run(receiverOf({ methods: ['GET'], handshakes }), { method: 'PUT' }))
  assert.deepEqual(outcome.reply.headers, { allow: 'GET, POST' })
})

test('GET and HEAD are no exception', async () => {
  for (const method of ['GET', 'HEAD']) {
    assert.equal(rejected(await run(receiverOf(), { method })).reply.status, 405)
    accepted(await run(receiverOf({ methods: ['GET', 'HEAD'] }), { method }))
  }
})

test('the method of a handshake that does not answer makes no delivery, even under a right proof', async () => {
  const steps: string[] = []
  const handshakes: Handshake[] = [
    { trust: 'unsigned', methods: ['GET'], reply: () => undefined },
    { trust: 'verified', methods: ['GET'], reply: () => undefined }
  ]
  const outcome = rejected(await run(receiverOf({ handshakes }, steps), { method: 'GET' }))
  assert.deepEqual(steps, ['verify'])
  assert.equal(outcome.reason, 'method')
  assert.deepEqual(outcome.reply, { status: 405, headers: { allow: 'POST, GET' } })
})

test('a handshake that rejects does so with its reason, at stage proof, in either trust', async () => {
  for (const trust of ['unsigned', 'verified'] as const) {
    const rejecting = (status?: number): Handshake => ({
      trust,
      reply: () => ({ reject: 'challenge-mismatch' as const, ...(status !== undefined && { status }) })
    })
    const plain = rejected(await run(receiverOf({ handshakes: [rejecting()] })))
    assert.deepEqual(plain, { kind: 'rejected', stage: 'proof', reason: 'challenge-mismatch', reply: { status: 401 } })
    const chosen = rejected(await run(receiverOf({ handshakes: [rejecting(403)] })))
    assert.deepEqual(chosen.reply, { status: 403 })
  }
})

test('a scheme that throws, or rejects, has proven nothing', async () => {
  const error = new Error('a library failed')
  for (const verify of [
    () => {
      throw error
    },
    () => Promise.reject(error)
  ]) {
    const outcome = rejected(await run(receiverOf({ scheme: schemeOf(verify) })))
    const reply = { status: 401 }
    assert.deepEqual(outcome, { kind: 'rejected', stage: 'proof', reason: 'proof-failed', reply, error })
  }
})

test('a verdict counts only if `ok` is true itself', async () => {
  const verdicts: unknown[] = [undefined, null, true, 1, 'ok', {}, { ok: 1, secret: 0 }, { ok: 'true', secret: 0 }, []]
  for (const verdict of verdicts as Verdict[]) {
    for (const verify of [() => verdict, async () => verdict]) {
      const outcome = rejected(await run(receiverOf({ scheme: schemeOf(verify) })))
      assert.equal(outcome.stage, 'proof')
      assert.equal(outcome.reason, 'proof-failed')
    }
  }
})

test('a key that could not be fetched is 503 with Retry-After, whatever the receiver answers to failed proofs', async () => {
  const scheme = schemeOf(() => ({ ok: false, reason: 'key-unavailable' }))
  const { reason, reply } = rejected(await run(receiverOf({ scheme, rejected: () => ({ status: 400 }) })))
  assert.equal(reason, 'key-unavailable')
  assert.deepEqual(reply, { status: 503, headers: { 'retry-after': '30' } })
})

test('a handshake that throws answers nothing', async () => {
  for (const trust of ['unsigned', 'verified'] as const) {
    const error = new Error('a bug')
    const reply = () => {
      throw error
    }
    const outcome = rejected(await run(receiverOf({ handshakes: [{ trust, reply }] })))
    assert.deepEqual([outcome.stage, outcome.reason, outcome.error], ['proof', 'proof-failed', error])
  }
})

test('handshakes that answer later are asked in order, and one that rejects answers nothing', async () => {
  const late = (trust: 'unsigned' | 'verified', answer: () => unknown): Handshake =>
    ({ trust, reply: async () => answer() }) as unknown as Handshake
  const none = () => undefined
  const broken = () => {
    throw new Error('broken')
  }
  const malformed = () => {
    throw new MalformedBody('JSON', 'it is empty')
  }
  for (const trust of ['unsigned', 'verified'] as const) {
    const of = (...answers: (() => unknown)[]) =>
      run(receiverOf({ handshakes: answers.map(answer => late(trust, answer)) }))
    assert.deepEqual(await of(none, () => ({ status: 204 }), broken), {
      kind: 'answered',
      reply: { status: 204 },
      notice: undefined
    })
    accepted(await of(none, none))
    assert.equal(rejected(await of(none, broken)).reason, 'proof-failed')
    const { stage, reason } = rejected(await of(malformed))
    assert.deepEqual([stage, reason], [trust === 'verified' ? 'body' : 'proof', 'body-malformed'])
  }
})

test('a verdict or an answer may be a promise of another library', async () => {
  const foreign = (value: unknown): any => ({
    // biome-ignore lint/suspicious/noThenProperty: that is what makes it one
    then: (resolve: (value: unknown) => void) => void Promise.resolve(value).then(resolve)
  })
  const scheme = schemeOf(() => foreign({ ok: true, secret: 0 }))
  accepted(await run(receiverOf({ scheme })))
  const handshakes = [{ trust: 'verified', reply: () => foreign({ status: 204 }) }] as Handshake[]
  assert.equal((await run(receiverOf({ handshakes }))).kind, 'answered')
})

test('a verified handshake that reads a malformed body is stage body', async () => {
  const handshakes: Handshake[] = [{ trust: 'verified', reply: ({ body }) => body.challenge }]
  const outcome = rejected(await run(receiverOf({ handshakes }), { body: Buffer.from('{') }))
  assert.deepEqual([outcome.stage, outcome.reason, outcome.reply.status], ['body', 'body-malformed', 400])
})

test('what a verified handshake could not read has proved itself, and goes along; what it refused does not', async () => {
  const scheme = schemeOf(() => ({ ok: true, secret: 1 }))
  const body = Buffer.from('{')
  const asking: Handshake = { trust: 'verified', reply: ({ body }) => body.challenge }
  const { proven } = rejected(await run(receiverOf({ scheme, handshakes: [asking] }), { body }))
  assert.deepEqual(proven, { request: { ...request, body }, kind: 'json', secret: 1 })
  const refusing: Handshake = { trust: 'verified', reply: () => ({ reject: 'signature-mismatch' }) }
  assert.equal('proven' in rejected(await run(receiverOf({ scheme, handshakes: [refusing] }))), false)
})

test('an unsigned handshake that trips over a malformed body is stage proof: nothing was proven', async () => {
  const reply = () => {
    throw new MalformedBody('JSON', 'it is empty')
  }
  const outcome = rejected(await run(receiverOf({ handshakes: [{ trust: 'unsigned', reply }] })))
  assert.deepEqual([outcome.stage, outcome.reason, outcome.reply.status], ['proof', 'body-malformed', 401])
})

test('a body that describe cannot read is stage body, and anything else it throws is stage describe', async () => {
  const malformed = rejected(await run(receiverOf(), { body: Buffer.from('{"type":') }))
  assert.deepEqual([malformed.stage, malformed.reason, malformed.reply.status], ['body', 'body-malformed', 400])
  assert.ok(malformed.error instanceof MalformedBody)

  const describe = () => {
    throw new TypeError('a bug')
  }
  const thrown = rejected(await run(receiverOf({ describe })))
  assert.deepEqual([thrown.stage, thrown.reason, thrown.reply.status], ['describe', 'describe-failed', 400])
  assert.ok(thrown.error instanceof TypeError)
})

test('a description without event is stage body, one among several too', async () => {
  for (const event of [undefined, '', 7 as unknown as string]) {
    const describe = () => [{ event: 'paid' }, { event }]
    const outcome = rejected(await run(receiverOf({ describe })))
    assert.deepEqual([outcome.stage, outcome.reason], ['body', 'event-missing'])
  }
})

test('what describe gives back instead of descriptions is stage describe', async () => {
  for (const given of [undefined, null, [undefined], [null]]) {
    const outcome = rejected(await run(receiverOf({ describe: () => given as never })))
    assert.equal(outcome.stage, 'describe')
  }
})

test('a receiver chooses its answers by stage', async () => {
  const receiver = receiverOf({ rejected: stage => ({ status: 403, body: stage }) })
  assert.deepEqual(rejected(await run(receiver, unproven)).reply, { status: 403, body: 'proof' })
  assert.deepEqual(rejected(await run(receiver, { body: Buffer.of() })).reply, { status: 403, body: 'body' })
})

test('an accepted request is answered as the receiver says, else 200', async () => {
  assert.deepEqual(accepted(await run(receiverOf())).reply, { status: 200 })
  assert.deepEqual(accepted(await run(receiverOf({ accepted: { status: 202 } }))).reply, { status: 202 })
  const answering = receiverOf({ accepted: ({ body }) => ({ status: 200, body: body.id }) })
  assert.deepEqual(accepted(await run(answering)).reply, { status: 200, body: '1' })
})

test('an answer that reads a malformed body, which describe did not, is stage body', async () => {
  const receiver = receiverOf({ describe: () => ({ event: 'e' }), accepted: ({ body }) => body.reply })
  assert.equal(rejected(await run(receiver, { body: Buffer.from('{') })).stage, 'body')
})

test('it tells which secret matched', async () => {
  const scheme = schemeOf((_, { secrets }) => ({ ok: true, secret: secrets.indexOf('right') + 1 }))
  assert.equal(accepted(await run(receiverOf({ scheme }))).secret, 1)
})

test('a delivery carries all that was described, and when and where it came', async () => {
  const occurredAt = new Date('2025-12-31T23:59:00Z')
  const described = { event: 'paid', id: '1', occurredAt, subject: 'order-1', account: 'acme-inc', data: { sum: 7 } }
  const { deliveries } = accepted(await run(receiverOf({ describe: () => described })))
  assert.equal(deliveries.length, 1)
  const { raw, headers, ...delivery } = deliveries[0]!
  assert.deepEqual(delivery, { ...described, receiver: 'shop', instance: 'acme', receivedAt: NOW, attempt: 1 })
  assert.deepEqual(headers, request.headers)
  assert.deepEqual(raw(), request)
})

test('what is not described is undefined, and the data is then the body', async () => {
  const { deliveries } = accepted(await run(receiverOf({ describe: () => ({ event: 'paid' }) })))
  const [delivery] = deliveries
  for (const name of ['id', 'occurredAt', 'subject', 'account'] as const) assert.equal(delivery?.[name], undefined)
  assert.deepEqual(delivery?.data, { type: 'paid', id: '1' })
})

test('data that is described as undefined stays undefined', async () => {
  const { deliveries } = accepted(await run(receiverOf({ describe: () => ({ event: 'paid', data: undefined }) })))
  assert.equal(deliveries[0]?.data, undefined)
})

test('a request may carry several deliveries, or none', async () => {
  const describe = () => ['a', 'b'].map(id => ({ event: 'paid', id }))
  const several = accepted(await run(receiverOf({ describe })))
  assert.deepEqual(
    several.deliveries.map(({ id }) => id),
    ['a', 'b']
  )
  assert.deepEqual(accepted(await run(receiverOf({ describe: () => [] }))).deliveries, [])
})

test('a body that nobody reads is not parsed; malformed, it throws where it is read first', async () => {
  const receiver = receiverOf({ describe: ({ headers }) => ({ event: headers['content-type'] }) })
  const { deliveries } = accepted(await run(receiver, { body: Buffer.from('{') }))
  assert.throws(() => deliveries[0]?.data, MalformedBody)
})

test('a receiver may do without a body that it could not read; a handler may not', async () => {
  const describe: AnyReceiver['describe'] = message => {
    assert.throws(() => message.body, MalformedBody)
    return { event: 'unreadable' }
  }
  const [delivery] = accepted(await run(receiverOf({ describe }), { body: Buffer.from('{') })).deliveries
  assert.throws(() => delivery!.data, MalformedBody)
})

test('a body is parsed once, for whoever reads it', async () => {
  const bodies: unknown[] = []
  const receiver = receiverOf({
    handshakes: [{ trust: 'verified', reply: ({ body }) => void bodies.push(body) }],
    describe: ({ body }) => {
      bodies.push(body)
      return { event: body.type }
    }
  })
  const { deliveries } = accepted(await run(receiver))
  assert.equal(bodies[0], bodies[1])
  assert.equal(bodies[0], deliveries[0]?.data)
})

test('a header that came twice is undefined to describe, and stays a list in the raw request', async () => {
  const headers = { ...request.headers, 'x-event': ['a', 'b'], 'x-id': '7' }
  const receiver = receiverOf({
    describe: ({ headers }) => ({ event: headers['x-event'] ?? 'none', id: headers['x-id'] })
  })
  const { deliveries } = accepted(await run(receiver, { headers }))
  const [delivery] = deliveries
  assert.equal(delivery?.event, 'none')
  assert.equal(delivery?.id, '7')
  assert.equal(delivery?.headers['x-event'], undefined)
  assert.deepEqual(delivery?.raw().headers['x-event'], ['a', 'b'])
})

test('a handshake of another kind of answer than it should give is refused, not thrown', async () => {
  for (const answer of [null, 7, 'text']) {
    const handshakes: Handshake[] = [{ trust: 'unsigned', reply: () => answer as never }]
    const outcome = await run(receiverOf({ handshakes }))
    assert.equal(rejected(outcome).reason, 'proof-failed')
  }
})

test('an answer without a body of its own says its status in words, or just that it is an error', () => {
  assert.deepEqual(plainBody(401), { error: 'Unauthorized' })
  assert.deepEqual(plainBody(799), { error: 'Error' })
})

test('a verified handshake answers under its own method, whatever the methods of the others', async () => {
  const handshakes: Handshake[] = [
    { trust: 'verified', methods: ['GET'], reply: () => ({ status: 204 }) },
    { trust: 'verified', reply: () => undefined }
  ]
  assert.equal((await run(receiverOf({ handshakes }), { method: 'GET' })).kind, 'answered')
  assert.equal(rejected(await run(receiverOf({ handshakes }), { method: 'GET', ...unproven })).reply.status, 401)
})

test('data that is the whole body is not kept beside the request, and is the same to a handler', async () => {
  const whole = receiverOf({ describe: ({ body }) => ({ event: body.type, data: body }) })
  const { descriptions, deliveries } = accepted(await run(whole))
  assert.deepEqual(descriptions, [{ event: 'paid' }])
  assert.deepEqual(deliveries[0]!.data, { type: 'paid', id: '1' })

  const part = receiverOf({ describe: ({ body }) => ({ event: body.type, data: { ...body } }) })
  assert.deepEqual(accepted(await run(part)).descriptions[0]!.data, { type: 'paid', id: '1' })
  const none = receiverOf({ describe: () => ({ event: 'paid', data: undefined }) })
  assert.deepEqual(accepted(await run(none)).descriptions, [{ event: 'paid', data: undefined }])
})
