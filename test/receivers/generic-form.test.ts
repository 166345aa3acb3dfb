import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import { genericForm } from '../../receivers/generic-form.ts'
import { receive } from '../../src/receive.ts'
import type { Description } from '../../src/receiver.ts'
import { appWith } from '../plugin/app.ts'

const CODE = 'a-code-for-the-url-of-32-letters-'
const TOKEN = 'a-key-of-16-char'
const FORM = 'application/x-www-form-urlencoded'

async function described(settings: Record<string, string>, body: string, type = FORM): Promise<Partial<Description>> {
  const url = `https://example.com/api/webhooks/incoming/generic-form?code=${CODE}`
  const request = { method: 'POST', url, headers: { 'content-type': type }, body: Buffer.from(body) }
  const outcome = await receive(genericForm, '', request, { secrets: [CODE], settings, fetch }, new Date())
  if (outcome.kind !== 'accepted') return {}
  const { event, id, data } = outcome.deliveries[0]!
  return { event, id, data }
}

test('fields are found under their path, nested ones under the names in brackets', async () => {
  const settings = { 'event-path': 'lead.type', 'id-path': 'lead.ids.1' }
  const { event, id, data } = await described(settings, 'lead[type]=order&lead[ids][]=a&lead[ids][]=b&x=1')
  assert.deepEqual({ event, id }, { event: 'order', id: 'b' })
  assert.deepEqual(data, { lead: { type: 'order', ids: ['a', 'b'] }, x: '1' })
})

test('a field that came twice is neither event nor id', async () => {
  assert.deepEqual(await described({ 'event-path': 'type' }, 'type=a&type=b'), {})
  assert.equal((await described({ 'id-path': 'id' }, 'id=a&id=b')).id, undefined)
})

test('so are the parts of a multipart body; a file is found by its name only', async () => {
  const body = [
    '--x\r\ncontent-disposition: form-data; name="type"\r\n\r\nlead\r\n',
    '--x\r\ncontent-disposition: form-data; name="cv"; filename="a.pdf"\r\n\r\nbytes\r\n--x--\r\n'
  ].join('')
  const type = 'multipart/form-data; boundary=x'
  assert.equal((await described({ 'event-path': 'type' }, body, type)).event, 'lead')
  assert.equal((await described({ 'id-path': 'cv' }, body, type)).id, undefined)
  assert.equal((await described({ 'id-path': 'cv.filename' }, body, type)).id, 'a.pdf')
})

test('a form that would set a prototype is refused', async () => {
  assert.deepEqual(await described({ 'event-path': 'a' }, 'a=b&__proto__[c]=d'), {})
})

test('the plugin demands HTTPS whatever the proof, since it can’t know it before the instance', async () => {
  const env = { WEBHOOKS_GENERIC_FORM_SECRET: TOKEN, WEBHOOKS_GENERIC_FORM_TOKEN_HEADER: 'X-Key' }
  const { app, arrived } = await appWith({ env, receivers: [genericForm] }, { trustProxy: true })
  const send = (proto: string) =>
    app.inject({
      method: 'POST',
      url: '/api/webhooks/incoming/generic-form',
      headers: { 'content-type': FORM, 'x-key': TOKEN, 'x-forwarded-proto': proto },
      payload: 'a=b'
    })
  assert.equal((await send('http')).statusCode, 403)
  assert.equal((await send('https')).statusCode, 200)
  assert.equal(arrived.length, 1)
  assert.ok(!JSON.stringify([arrived[0]!.headers, arrived[0]!.raw().headers]).includes(TOKEN))
})

describe('the page about generic senders', () => {
  const page = readFileSync(new URL('../../docs/generic.md', import.meta.url), 'utf8')
  const blocks = [...page.matchAll(/^```sh setup\n([\s\S]*?)^```/gm)].map(([, block]) => block!)
  const kept: unknown[] = []
  let app: FastifyInstance
  const saved = { ...process.env }

  /** The variables of all blocks as one environment, its URLs, and its secrets by instance. */
  const env: Record<string, string> = {}
  const urls: string[] = []
  for (const line of blocks.join('\n').split('\n')) {
    const [, name, value] = /^(WEBHOOKS_\w+)="?(.*?)"?$/.exec(line) ?? []
    if (name !== undefined) env[name] = env[name] === undefined ? value! : `${env[name]} ${value}`
    const url = /https:\/\/\S+/.exec(line)?.[0]
    if (url !== undefined) urls.push(url)
  }

  before(async () => {
    Object.assign(process.env, env)
    const { receiveLeads } = await import('../../docs/examples/generic.ts')
    app = Fastify()
    await receiveLeads(app, { add: async (source, lead, id) => void kept.push({ source, lead, id }) })
  })
  after(async () => {
    process.env = saved
    await app.close()
  })

  test('has a set-up for each sender that it names', () => {
    const ids = urls.map(url => new URL(url).pathname.split('/').at(-1))
    assert.deepEqual(ids, ['tilda', 'landingi', 'chatra', 'callibri', 'enquiz'])
  })

  test('gives set-ups that work: what comes to their URLs is kept, under the sender’s name', async () => {
    for (const url of urls) {
      const { pathname, search } = new URL(url)
      const [receiver, id] = pathname.split('/').slice(-2) as [string, string]
      const isForm = receiver === 'generic-form'
      const answer = await app.inject({
        method: 'POST',
        url: pathname + search,
        headers: {
          'content-type': isForm ? FORM : 'application/json',
          ...(search.includes('code=') ? {} : { 'x-tilda-key': secretOf(env.WEBHOOKS_GENERIC_FORM_SECRETS!, id) })
        },
        payload: isForm ? 'Name=Ada&tranid=1%3A2' : '{"Name":"Ada"}'
      })
      assert.equal(answer.statusCode, 200, url)
    }
    assert.deepEqual(
      kept.map((entry: any) => [entry.source, entry.lead.Name, entry.id]),
      [
        ['tilda', 'Ada', '1:2'],
        ['landingi', 'Ada', undefined],
        ['chatra', 'Ada', undefined],
        ['callibri', 'Ada', undefined],
        ['enquiz', 'Ada', undefined]
      ]
    )
  })

  test('gives Tilda its 200 for the test request, and keeps nothing of it', async () => {
    const before = kept.length
    const url = new URL(urls[0]!)
    const answer = await app.inject({
      method: 'POST',
      url: url.pathname + url.search,
      headers: { 'content-type': FORM, 'x-tilda-key': secretOf(env.WEBHOOKS_GENERIC_FORM_SECRETS!, 'tilda') },
      payload: 'test=test'
    })
    assert.equal(answer.statusCode, 200)
    assert.equal(kept.length, before)
  })

  test('gives secrets that are only examples: without the key, nothing is accepted', async () => {
    const url = new URL(urls[0]!)
    const answer = await app.inject({
      method: 'POST',
      url: url.pathname + url.search,
      headers: { 'content-type': FORM },
      payload: 'test=test'
    })
    assert.equal(answer.statusCode, 401)
  })
})

function secretOf(list: string, id: string): string {
  return list
    .split(' ')
    .find(entry => entry.startsWith(`${id}=`))!
    .slice(id.length + 1)
}
