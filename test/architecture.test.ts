import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const root = new URL('../', import.meta.url)

function sources(folder: string): { file: string; imports: string[] }[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => {
      const file = `${folder}/${name}`
      const source = readFileSync(new URL(file, root), 'utf8')
      const found = source.matchAll(
        /^(?:import|export)\b[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm
      )
      return { file, imports: [...found].map(match => (match[1] ?? match[2] ?? match[3])!) }
    })
}

function resolved(file: string, specifier: string): string {
  return specifier.startsWith('.')
    ? new URL(specifier, new URL(file, root)).pathname.slice(root.pathname.length)
    : specifier
}

/** Every import of these files must be allowed; the message names the one that is not. */
function only(files: { file: string; imports: string[] }[], allowed: (specifier: string) => boolean): void {
  assert.ok(files.length > 0)
  for (const { file, imports } of files) {
    for (const specifier of imports) assert.ok(allowed(resolved(file, specifier)), `${file} imports ${specifier}`)
  }
}

test('receivers and handlers import the public kit and node only', () => {
  const kitOrNode = (specifier: string): boolean => specifier === 'src/kit.ts' || specifier.startsWith('node:')
  only(sources('receivers'), kitOrNode)
  only(sources('handlers'), kitOrNode)
})

test('nothing in src imports a receiver or a handler', () => {
  only(sources('src'), specifier => !/^(?:receivers|handlers)\//.test(specifier))
})

test('only the plugin imports fastify, and the command that is a server', () => {
  const others = sources('src').filter(({ file }) => !['src/plugin.ts', 'src/cli/serve.ts'].includes(file))
  only(others, specifier => specifier !== 'fastify' && specifier !== 'fastify-plugin')
})

test('what runs in other hosts imports no framework', () => {
  only(sources('src/http'), specifier => /^(?:src\/|node:)/.test(specifier) || specifier === 'pino')
  only(sources('src/http'), specifier => specifier !== 'src/plugin.ts')
})

test('the pipeline, the schemes and the body readers know no framework, no environment and no clock', () => {
  const pure = [
    ...sources('src/schemes'),
    ...sources('src/body'),
    ...sources('src').filter(({ file }) => file === 'src/receive.ts')
  ]
  const files = [...new Map(pure.map(source => [source.file, source])).values()]
  only(files, specifier => !/^src\/(?:plugin|config|fetch|testing)/.test(specifier))
  for (const { file } of files) {
    const source = readFileSync(new URL(file, root), 'utf8')
    assert.doesNotMatch(source, /process\.env|Date\.now\(|new Date\(\)/, file)
  }
})

test('an engine knows the contract, not what is done with it; and nobody else knows an engine', () => {
  const engines = sources('src/store')
  only(engines, specifier => !/^src\/(?:inbox|plugin|receive\.|cli|config)/.test(specifier))
  for (const [engine, other] of [
    ['sqlite', 'postgres'],
    ['postgres', 'sqlite']
  ]) {
    const files = engines.filter(({ file }) => file.startsWith(`src/store/${engine}`))
    only(files, specifier => !specifier.startsWith(`src/store/${other}`))
  }
  const others = sources('src').filter(({ file }) => !file.startsWith('src/store/'))
  only(others, specifier => !/^src\/store\/(?:sqlite|postgres)|^node:sqlite$|^pg$/.test(specifier))
})

test('whoever works with a store knows no SQL', () => {
  for (const { file } of [...sources('src/inbox'), ...sources('src/cli')]) {
    const source = readFileSync(new URL(file, root), 'utf8')
    assert.doesNotMatch(source, /\b(?:SELECT|INSERT|UPDATE|DELETE)\b.*\b(?:FROM|INTO|SET|WHERE)\b/i, file)
  }
})

test('the kit loads no heavy library by itself', () => {
  const seen = new Set<string>()
  const all = new Map(sources('src').map(source => [source.file, source]))
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const source = readFileSync(new URL(file, root), 'utf8')
    for (const [, specifier] of source.matchAll(/^(?:import|export)\s+(?!type\b)[^'"]*?from\s+'([^']+)'/gm)) {
      const target = resolved(file, specifier!)
      assert.ok(
        !['stripe', '@octokit/webhooks-methods', 'pino', 'fastify', 'pg', 'node:sqlite', 'jose'].includes(target),
        `${file} imports ${target}`
      )
      if (all.has(target)) visit(target)
    }
  }
  visit('src/kit.ts')
  visit('src/store/open.ts')
  assert.ok(seen.size > 10)
})

test('a receiver file has one export besides its types', () => {
  for (const { file } of sources('receivers')) {
    const source = readFileSync(new URL(file, root), 'utf8')
    const values = [...source.matchAll(/^export (?!interface|type)(.*)/gm)]
    assert.equal(values.length, 1, `${file} exports ${values.length} values`)
  }
})
