/** The examples of docs/hosts.md run. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { SECRET, signedPush } from '../plugin/app.ts'
import { listening, send } from './hosts.ts'

const root = new URL('../../', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'posthorn-hosts-'))
process.env.WEBHOOKS_GITHUB_SECRET = SECRET
after(() => {
  delete process.env.WEBHOOKS_GITHUB_SECRET
  rmSync(folder, { recursive: true })
})

async function freePort(): Promise<number> {
  const { port, close } = await listening(createServer())
  await close()
  return port
}

for (const name of ['express', 'node', 'nest']) {
  test(`${name}: starts, receives, handles, and ends by SIGTERM`, async () => {
    const port = await freePort()
    const env = {
      PATH: process.env.PATH,
      PORT: String(port),
      FILE: join(folder, `${name}.db`),
      WEBHOOKS_GITHUB_SECRET: SECRET
    }
    const child = spawn(process.execPath, [`docs/examples/${name}.ts`], { cwd: root, env })
    after(() => child.kill('SIGKILL'))
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', chunk => {
        printed += chunk
      })
    }
    const until = async (isThere: () => Promise<boolean>): Promise<void> => {
      const deadline = Date.now() + 20_000
      while (!(await isThere())) {
        assert.ok(Date.now() < deadline && child.exitCode === null, printed)
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    }
    await until(async () => printed.includes('webhooks are received here'))
    await until(() => send(port, { url: '/' }).then(Boolean, () => false))
    assert.equal((await send(port, await signedPush())).status, 200)
    await until(async () => /"ref":"refs\/heads\/main".*"deploying"/.test(printed))
    if (name === 'express') {
      const json = { 'content-type': 'application/json' }
      const { body } = await send(port, { method: 'POST', url: '/orders', headers: json, payload: '{"a":1}' })
      assert.equal(body, '{"a":1}')
    }
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    assert.equal(code, 0, printed)
  })
}

async function push(secret = SECRET): Promise<Request> {
  const { method, url, headers, payload } = await signedPush({ secret })
  return new Request(`https://hooks.example.com${url}`, { method, headers, body: payload })
}

test('Hono: its routes and ours', async () => {
  const { default: app } = await import('../../docs/examples/hono.ts')
  assert.equal((await app.fetch(await push())).status, 200)
  assert.equal((await app.fetch(await push('another secret, not the one'))).status, 401)
  assert.equal(await (await app.fetch(new Request('https://hooks.example.com/'))).text(), 'Hello')
  const head = await app.fetch(
    new Request('https://hooks.example.com/api/webhooks/incoming/github', { method: 'HEAD' })
  )
  assert.deepEqual([head.status, head.headers.get('allow')], [405, 'POST'])
})

test('Next.js: a route file', async () => {
  const route = await import('../../docs/examples/next-route.ts')
  assert.equal((await route.POST(await push())).status, 200)
  assert.equal((await route.POST(await push('another secret, not the one'))).status, 401)
  assert.equal((await route.GET(new Request('https://hooks.example.com/api/webhooks/incoming/github'))).status, 405)
})
