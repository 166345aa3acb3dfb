/**
 * A sample stands for what a provider sends, and a receiver's `Events` says what a handler may read of it: each has to
 * fit the other. The deliveries of all samples are written into one program as literals, which TypeScript judges.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Delivery } from '../../src/receiver.ts'
import { signedForInstance } from '../../src/testing/signed-request.ts'
import { deliveriesOf, NOW, root, type Sampled, sampled } from './instance.ts'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-samples-'))
})
after(() => rmSync(folder, { recursive: true }))

type Told = Pick<Delivery, 'event' | 'data'>

/** All deliveries of the samples: a batch has several. */
async function toldBy({ receiver, events, credentials }: Sampled): Promise<Told[]> {
  const told: Told[] = []
  for (const { event } of events) {
    const request = await signedForInstance(receiver, event, undefined, { credentials, now: NOW })
    told.push(...(await deliveriesOf(receiver, request, credentials)))
  }
  return told
}

interface Claim extends Told {
  readonly name: string
  readonly exported: string
}

/** Each claim that does not hold: `stripe invoice.paid: …`. */
function misfits(claims: readonly Claim[]): string[] {
  const lines = claims.map(({ name, exported, event, data }, index) => {
    const payload = `DeliveryFor<typeof import(${path(`receivers/${name}.ts`)}).${exported}, ${literal(event)}>['data']`
    return `const given${index} = ${literal(data)} as const; export const wanted${index}: ${payload} = {} as Plain<typeof given${index}>`
  })
  // One line a claim, so that an error's line says whose it is. More fields than the type has are fine: it names the most used.
  const head = `import type { DeliveryFor } from ${path('src/handler.ts')}; type Plain<T> = { -readonly [K in keyof T]: Plain<T[K]> }`
  writeFileSync(join(folder, 'samples.mts'), [head, ...lines].join('\n'))
  const compilerOptions = {
    rootDir: '/',
    typeRoots: [fileURLToPath(new URL('node_modules/@types', root))],
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true
  }
  const config = { extends: fileURLToPath(new URL('tsconfig.json', root)), compilerOptions, include: ['samples.mts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = fileURLToPath(new URL('node_modules/.bin/tsc', root))
  const { stdout, status } = spawnSync(tsc, ['--pretty', 'false', '--project', folder], {
    encoding: 'utf8',
    cwd: folder
  })
  const errors = [...stdout.matchAll(/^samples\.mts\((\d+),\d+\): (.*(?:\n .*)*)/gm)]
  if (status !== 0 && errors.length === 0) assert.fail(stdout)
  return errors.map(([, line, error]) => {
    const { name, event } = claims[Number(line) - 2]!
    return `${name} ${event}: ${error}`
  })
}

function path(inProject: string): string {
  return literal(fileURLToPath(new URL(inProject, root)))
}

/** The value as TypeScript source. A file's bytes are of no interest, only that it has some. */
function literal(value: unknown): string {
  if (value instanceof Uint8Array) return 'new Uint8Array()'
  if (Array.isArray(value)) return `[${value.map(literal).join(',')}]`
  if (typeof value !== 'object' || value === null) return String(JSON.stringify(value))
  return `{${Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}:${literal(field)}`)}}`
}

test('each sample is what its receiver says a handler gets', async () => {
  const claims: Claim[] = []
  for (const each of await sampled()) {
    const { receiver, exported } = each
    const told = await toldBy(each)
    claims.push(...told.map(({ event, data }) => ({ name: receiver.name, exported, event, data })))
  }
  assert.ok(claims.length > 500, `only ${claims.length}`)
  assert.deepEqual(misfits(claims), [])
})

test('one that is not is named', () => {
  const found = misfits([
    { name: 'shopify', exported: 'shopify', event: 'shop/redact', data: { shop_id: '7', shop_domain: 'a.example' } },
    {
      name: 'shopify',
      exported: 'shopify',
      event: 'shop/redact',
      data: { shop_id: 7, shop_domain: 'a.example', more: [] }
    },
    { name: 'github', exported: 'github', event: 'push', data: {} }
  ])
  assert.equal(found.length, 2)
  assert.match(found[0]!, /^shopify shop\/redact: .*'shop_id'/s)
  assert.match(found[1]!, /^github push: .*missing/s)
})
