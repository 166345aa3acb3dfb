import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { FakeTerminal, Folder } from './terminal.ts'

const folder = new Folder()
after(() => folder.remove())
const env = { WEBHOOKS_GITHUB_SECRET: 'a-secret-for-the-tests', WEBHOOKS_META_SECRET: 'short' }
const names = readdirSync(new URL('../../receivers', import.meta.url)).map(file => file.replace(/\.ts$/, ''))

const json = async (...line: readonly string[]) =>
  JSON.parse((await new FakeTerminal().run([...line, '--json'], env)).out)

describe('receivers', () => {
  test('lists them all, what each needs, and which are set up', async () => {
    const { code, out } = await new FakeTerminal().run(['receivers'], env)
    const lines = out.trimEnd().split('\n')
    assert.deepEqual([code, lines.length], [0, names.length + 1])
    assert.match(out, /^github +ready +body +WEBHOOKS_GITHUB_SECRET$/m)
    assert.match(out, /^meta +incomplete +body +WEBHOOKS_META_SECRET WEBHOOKS_META_VERIFY_TOKEN$/m)
    assert.match(out, /^slack +not set up /m)
  })

  test('tells of one what lacks, without the secret', async () => {
    const { out } = await new FakeTerminal().run(['receivers', 'meta'], env)
    assert.match(out, /^meta {2}incomplete\n/)
    assert.match(out, /needs +WEBHOOKS_META_SECRET, which is set\n/)
    assert.match(out, /problem +WEBHOOKS_META_SECRET needs WEBHOOKS_META_VERIFY_TOKEN as well/)
    assert.ok(!out.includes('short'))
  })

  test('tells programs the same', async () => {
    const { receivers } = await json('receivers')
    assert.deepEqual(
      receivers.map(({ name }: { name: string }) => name),
      names.toSorted()
    )
    const one = await json('receivers', 'github')
    assert.deepEqual([one.state, one.problems, one.events.includes('push')], ['ready', [], true])
  })

  test('knows those of a module', async () => {
    const kit = new URL('../../src/kit.ts', import.meta.url)
    const app = folder.write(
      'app.ts',
      `import { hmac } from '${kit}'
const scheme = hmac({ header: 'x-acme', hash: 'sha256', encoding: 'hex' })
export default { receivers: [{ name: 'acme', docs: 'https://acme.example', scheme, describe: () => [] }] }`
    )
    const { out } = await new FakeTerminal().run(['receivers', 'acme', '--app', app], env)
    assert.match(out, /^acme {2}not set up\n[\s\S]*WEBHOOKS_ACME_SECRET/)
  })

  test('loads no other file than a receiver’s', async () => {
    for (const name of ['../src/kit', 'github.ts', './github', 'nobody', '..%2fgithub']) {
      const { code, err } = await new FakeTerminal().run(['receivers', name], env)
      assert.deepEqual(
        [code, err],
        [
          2,
          `posthorn: There is no receiver ${name}. posthorn receivers lists them; one of your own is given by --app.\n`
        ]
      )
    }
  })
})
