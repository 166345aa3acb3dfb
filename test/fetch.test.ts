import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { guardedFetch } from '../src/fetch.ts'

const PEM = 'https://certs.example.com/1.pem'
const refused = (message: RegExp) => ({ code: 'WEBHOOKS_FETCH_REFUSED', message })

/** The real `fetch`, with every host led to a server of this process. */
async function serving(context: TestContext, listener: RequestListener): Promise<typeof fetch> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return (input, init) => fetch(`http://127.0.0.1:${port}${new URL(String(input)).pathname}`, init)
}

/** Counts the requests for each URL, and answers them. */
function counting(answer: (url: string) => Response | Promise<Response>): { inner: typeof fetch; seen: string[] } {
  const seen: string[] = []
  const inner: typeof fetch = async input => {
    seen.push(String(input))
    return answer(String(input))
  }
  return { inner, seen }
}

test('the answer comes through with its status, type and body', async context => {
  const inner = await serving(context, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-pem-file' }).end('pem')
  })
  const response = await guardedFetch({ fetch: inner })(PEM)
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'application/x-pem-file')
  assert.equal(await response.text(), 'pem')
})

test('only GET over HTTPS from a public name on the standard port is fetched', async () => {
  const { inner, seen } = counting(() => new Response('pem'))
  const guarded = guardedFetch({ fetch: inner })
  const urls = [
    'http://certs.example.com/1.pem',
    'file:///etc/passwd',
    'data:text/plain,pem',
    'https://127.0.0.1/1.pem',
    'https://0x7f000001/1.pem',
    'https://2130706433/1.pem',
    'https://[::1]/1.pem',
    'https://[::ffff:169.254.169.254]/1.pem',
    'https://localhost/1.pem',
    'https://certs.example.com./1.pem',
    'https://certs.example.com:8443/1.pem',
    'https://user:secret@certs.example.com/1.pem',
    'certs.example.com'
  ]
  for (const url of urls) await assert.rejects(guarded(url), refused(/^Did not fetch/), url)
  await assert.rejects(guarded(PEM, { method: 'POST' }), refused(/not GET/))
  assert.deepEqual(seen, [])
})

test('a refusal names neither the query nor the user', async () => {
  const guarded = guardedFetch({ fetch: () => Promise.reject(new Error('down')) })
  await assert.rejects(guarded('https://sns.example.com/?Token=t0ken'), {
    message: 'Did not fetch https://sns.example.com/: down.'
  })
  await assert.rejects(guarded('https://user:s3cret@sns.example.com/'), {
    message: 'Did not fetch https://sns.example.com/: it names a user.'
  })
})

test('a redirect is not followed', async context => {
  const paths: (string | undefined)[] = []
  const inner = await serving(context, ({ url }, response) => {
    paths.push(url)
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  await assert.rejects(guardedFetch({ fetch: inner })(PEM), refused(/redirect/))
  assert.deepEqual(paths, ['/1.pem'])
})

test('64 KiB come through, a byte more does not', async context => {
  const inner = await serving(context, ({ url }, response) => {
    response.end(Buffer.alloc(url === '/large' ? 65_537 : 65_536))
  })
  const guarded = guardedFetch({ fetch: inner })
  assert.equal((await (await guarded('https://certs.example.com/full')).arrayBuffer()).byteLength, 65_536)
  await assert.rejects(guarded('https://certs.example.com/large'), refused(/larger than 65536 bytes/))
})

test('a body without end is given up when it is too large', async context => {
  const inner = await serving(context, (_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384)));
    }
    response.on('drain', more)
    more()
  })
  await assert.rejects(guardedFetch({ fetch: inner })(PEM), refused(/larger than 65536 bytes/))
})

test('a body that does not come to its end is given up', async context => {
  const inner = await serving(context, (_, response) => {
    response.write('begun')
  })
  await assert.rejects(guardedFetch({ fetch: inner, timeout: 20 })(PEM), refused(/timeout/))
})

test('a server that does not answer is given up', async context => {
  const inner = await serving(context, () => {})
  await assert.rejects(guardedFetch({ fetch: inner, timeout: 20 })(PEM), refused(/timeout/))
})

test('a successful answer is kept for an hour', async () => {
  const { inner, seen } = counting(() => new Response('pem'))
  let time = 0
  const guarded = guardedFetch({ fetch: inner, now: () => time })
  await guarded(PEM)
  time = 3_599_999
  assert.equal(await (await guarded(PEM)).text(), 'pem')
  assert.equal(seen.length, 1)
  time = 3_600_000
  assert.equal(await (await guarded(PEM)).text(), 'pem')
  assert.equal(seen.length, 2)
})

test('answers to one URL at one time are one request, each with a body of its own', async () => {
  const { inner, seen } = counting(() => new Response('pem'))
  const guarded = guardedFetch({ fetch: inner })
  const responses = await Promise.all([guarded(PEM), guarded(PEM), guarded(PEM)])
  assert.deepEqual(await Promise.all(responses.map(response => response.text())), ['pem', 'pem', 'pem'])
  assert.equal(seen.length, 1)
})

test('after a failure there is a pause of five seconds, for this URL alone', async () => {
  const answers = [() => Promise.reject(new Error('down')), () => new Response('gone', { status: 410 })]
  for (const failing of answers) {
    let works = false
    const { inner, seen } = counting(() => (works ? new Response('pem') : failing()))
    let time = 0
    const guarded = guardedFetch({ fetch: inner, now: () => time })
    await guarded(PEM).catch(() => {})
    works = true
    time = 4999
    await assert.rejects(guarded(PEM), refused(/a moment ago/))
    assert.equal((await guarded('https://certs.example.com/2.pem')).status, 200)
    time = 5000
    assert.equal(await (await guarded(PEM)).text(), 'pem')
    assert.equal(seen.length, 3)
  }
})

test('an unsuccessful answer comes through, but is not kept', async () => {
  const { inner } = counting(() => new Response('gone', { status: 410 }))
  const response = await guardedFetch({ fetch: inner })(PEM)
  assert.equal(response.status, 410)
  assert.equal(await response.text(), 'gone')
})

test('no-store goes past what is kept and what is paused', async () => {
  let status = 500
  const { inner, seen } = counting(() => new Response(null, { status }))
  const guarded = guardedFetch({ fetch: inner })
  assert.equal((await guarded(PEM, { cache: 'no-store' })).status, 500)
  status = 204
  assert.equal((await guarded(PEM, { cache: 'no-store' })).status, 204)
  assert.equal((await guarded(PEM)).status, 204)
  assert.equal((await guarded(PEM, { cache: 'no-store' })).status, 204)
  assert.equal(seen.length, 4)
})

test('no more than 16 downloads run at once', async () => {
  const open: (() => void)[] = []
  const { inner } = counting(() => new Promise(resolve => open.push(() => resolve(new Response('pem')))))
  const guarded = guardedFetch({ fetch: inner })
  const running = Array.from({ length: 16 }, (_, index) => guarded(`https://certs.example.com/${index}.pem`))
  await assert.rejects(guarded(PEM.replace('1.pem', '17.pem')), refused(/too many/))
  for (const finish of open) finish()
  await Promise.all(running)
  const next = guarded('https://certs.example.com/18.pem')
  open.at(-1)!()
  assert.equal((await next).status, 200)
})

test('no more than 100 answers are kept, the newest', async () => {
  const { inner, seen } = counting(() => new Response('pem'))
  const guarded = guardedFetch({ fetch: inner })
  for (let index = 0; index <= 100; index++) await guarded(`https://certs.example.com/${index}.pem`)
  await guarded('https://certs.example.com/100.pem')
  assert.equal(seen.length, 101)
  await guarded('https://certs.example.com/0.pem')
  assert.equal(seen.length, 102)
})
