/** What is Express's own: its body parsers, its mount paths, its error handler. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, describe, test } from 'node:test'
import express5, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { createWebhooks, type ExpressWebhooks, type HostedOptions } from '../../src/http/express.ts'
import { recordingLog } from '../inbox/stored.ts'
import { CODE, env, receivers, signedPush } from '../plugin/app.ts'
import { express4, type Sent, type Started, send, serving } from './hosts.ts'

const base = '/api/webhooks/incoming'

for (const [name, express] of [
  ['Express 4', express4],
  ['Express 5', express5]
] as const) {
  describe(name, () => {
    const started: Started[] = []
    after(async () => {
      for (const one of started) await one.close()
    })

    async function start(
      build: (app: Express, webhooks: ExpressWebhooks) => void,
      options: Partial<HostedOptions> = {}
    ): Promise<(sent: Sent) => ReturnType<typeof send>> {
      const webhooks = await createWebhooks({ env, receivers, logger: recordingLog().log, ...options })
      const app = express()
      app.set('env', 'test') // or it prints the errors
      build(app, webhooks)
      const one = await serving(createServer(app), webhooks)
      started.push(one)
      return sent => send(one.port, sent)
    }

    const parsers = { json: express.json(), raw: express.raw({ type: '*/*' }), text: express.text({ type: '*/*' }) }
    for (const [parser, middleware] of Object.entries(parsers)) {
      test(`a body that express.${parser}() has read is an error that names the line to move`, async () => {
        const errors: (Error & { code?: string })[] = []
        const keep: ErrorRequestHandler = (error, _request, response, _next) => {
          errors.push(error)
          response.status(500).end('told')
        }
        const send = await start((app, webhooks) => app.use(middleware, webhooks.middleware, keep))
        const { status, body } = await send(await signedPush())
        assert.deepEqual([status, body], [500, 'told'])
        assert.equal(errors[0]!.code, 'WEBHOOKS_BODY_ALREADY_READ')
        assert.match(errors[0]!.message, /Put `app\.use\(webhooks\.middleware\)` before `express\.json\(\)`/)
      })
    }

    test('so is an empty one, and the sender waits for nothing', async () => {
      const send = await start((app, webhooks) => app.use(express.raw({ type: () => true }), webhooks.middleware))
      const { status } = await send({ method: 'POST', url: `${base}/github`, payload: '' })
      assert.equal(status, 500)
    })

    test('a parser that does not care for the type changes nothing', async () => {
      const send = await start((app, webhooks) => app.use(express.urlencoded({ extended: true }), webhooks.middleware))
      assert.equal((await send(await signedPush())).status, 200)
    })

    test('other routes, before and behind it, and their parsers are the application’s', async () => {
      const send = await start((app, webhooks) => {
        app.get('/before', (_request, response) => void response.send('before'))
        app.use(webhooks.middleware)
        app.use(express.json())
        app.post('/behind', (request, response) => void response.json(request.body))
      })
      assert.equal((await send({ url: '/before' })).body, 'before')
      const json = { 'content-type': 'application/json' }
      const echoed = await send({ method: 'POST', url: '/behind', headers: json, payload: '{"a":1}' })
      assert.equal(echoed.body, '{"a":1}')
    })

    test('under another path, the prefix begins there, and the whole path is what is signed', async () => {
      const urls: string[] = []
      const [bitbucket] = receivers
      const scheme = {
        ...bitbucket!.scheme,
        verify: ({ url }: { url: string }) => {
          urls.push(url)
          return { ok: true, secret: 0 } as const
        }
      }
      const send = await start((app, webhooks) => app.use('/hooks', webhooks.middleware), {
        prefix: '/',
        receivers: [{ ...bitbucket!, scheme }],
        publicUrl: 'https://example.com'
      })
      await send({ method: 'POST', url: '/hooks/bitbucket?a=1', payload: '{}' })
      assert.deepEqual(urls, ['https://example.com/hooks/bitbucket?a=1'])
    })

    test('with `trust proxy`, the proxy says whether it was HTTPS', async () => {
      const through = (proto: string) => ({
        method: 'POST',
        url: `${base}/mailchimp?code=${CODE}`,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-forwarded-for': '203.0.113.9',
          'x-forwarded-proto': proto
        },
        payload: 'type=subscribe&data[email]=a%40example.com'
      })
      const trusting = await start((app, webhooks) => app.set('trust proxy', true).use(webhooks.middleware))
      assert.equal((await trusting(through('https'))).status, 200)
      assert.equal((await trusting(through('http'))).status, 403)
      const distrusting = await start((app, webhooks) => app.use(webhooks.middleware))
      assert.equal((await distrusting(through('https'))).status, 403)
    })

    test('where another middleware has answered meanwhile, the error handler hears of it', async () => {
      const told: { code?: string }[] = []
      const keep: ErrorRequestHandler = (error, _request, response, _next) => {
        told.push(error)
        response.end()
      }
      const hasty: RequestHandler = (_request, response, next) => {
        response.write('too early')
        next()
      }
      const send = await start((app, webhooks) => app.use(hasty, webhooks.middleware, keep))
      const forged = await signedPush({ secret: 'another secret, not the one' })
      assert.equal((await send(forged)).body, 'too early')
      assert.equal(told[0]!.code, 'ERR_HTTP_HEADERS_SENT')
    })
  })
}
