import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

const root = new URL('../', import.meta.url).pathname
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The package as `npm pack` makes it, unpacked into an empty folder's node_modules, its dependencies linked. */
describe('the published package', () => {
  let folder: string
  let unpacked: string
  let files: string[]

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-pack-'))
    const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8'
    })
    const report = JSON.parse(packed)
    const { filename, files: list } = Array.isArray(report) ? report[0] : Object.values<any>(report)[0]
    files = list.map(({ path }: { path: string }) => path)
    execFileSync('tar', ['-xzf', join(folder, filename), '-C', folder])
    unpacked = join(folder, 'node_modules', manifest.name)
    mkdirSync(join(folder, 'node_modules'), { recursive: true })
    cpSync(join(folder, 'package'), unpacked, { recursive: true })
    for (const name of [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]) {
      const link = join(folder, 'node_modules', name)
      mkdirSync(join(link, '..'), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), link)
    }
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('holds what users need and nothing else', () => {
    for (const file of files) {
      assert.match(
        file,
        /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/(?:src|receivers|handlers)\/.+\.(?:js|d\.ts)|dist\/src\/testing\/samples\/.+\.json)$/
      )
    }
    for (const needed of ['README.md', 'LICENSE', 'CHANGELOG.md']) assert.ok(files.includes(needed), needed)
  })

  test('every export can be imported, with its types beside it', () => {
    const specifiers = Object.entries<string>(manifest.exports).flatMap(([key, target]) => {
      if (!key.includes('*')) return key.endsWith('.json') ? [] : [key]
      return readdirSync(join(root, target.replace('./dist/', '').replace('/*.js', '')))
        .filter(name => name.endsWith('.ts'))
        .map(name => key.replace('*', name.slice(0, -'.ts'.length)))
    })
    assert.ok(specifiers.length > 18, `found only ${specifiers}`)
    const names = specifiers.map(key => key.replace(/^\./, manifest.name))
    const script = names
      .map(
        (name, index) =>
          `import * as m${index} from '${name}'\nif (Object.keys(m${index}).length === 0) throw new Error('${name} exports nothing')`
      )
      .join('\n')
    writeFileSync(join(folder, 'all.mjs'), `${script}\nconsole.log('imported')\n`)
    const printed = execFileSync(process.execPath, ['all.mjs'], { cwd: folder, encoding: 'utf8' })
    assert.equal(printed.trim(), 'imported')
    for (const target of Object.values<string>(manifest.exports)) {
      if (target.endsWith('.js') && !target.includes('*')) {
        assert.ok(files.includes(target.replace('./', '').replace(/\.js$/, '.d.ts')), target)
      }
    }
  })

  test('a user’s program type-checks against it', () => {
    writeFileSync(
      join(folder, 'user.ts'),
      `import webhooks, { handles, on, type DeliveryOf } from 'posthorn'
import { github } from 'posthorn/receivers/github'
import Fastify from 'fastify'
class Deploy extends handles(on(github, 'push')) {
  readonly name = 'deploy'
  handle(delivery: DeliveryOf<Deploy['accepts']>) { const ref: string = delivery.data.ref; return void ref }
}
const app = Fastify()
await app.register(webhooks, { receivers: [github], handlers: [new Deploy()] })
app.webhooks.on(github, 'issues.opened', { name: 'triage' }, delivery => { const title: string = delivery.data.issue.title; void title })
// @ts-expect-error a number is no title
app.webhooks.on(github, 'issues.opened', { name: 'wrong' }, delivery => { const title: number = delivery.data.issue.title; void title })
`
    )
    symlinkSync(join(root, 'node_modules', '@types'), join(folder, 'node_modules', '@types'))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      'node'
    ]
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    try {
      execFileSync(tsc, [...options, 'user.ts'], { cwd: folder, encoding: 'utf8' })
    } catch (error) {
      assert.fail((error as { stdout: string }).stdout)
    }
  })
})
