import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidCommand } from '../errors.ts'
import type { Command } from './command.ts'
import { receiverNames } from './known.ts'
import { text } from './read.ts'

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
const SECRET = 'a-secret-for-this-test-alone'
const TIME = 1_767_323_045
const BODY = '{"id":"evt_1","type":"order.paid","order":{"id":42}}'

export const newReceiver: Command = {
  takes: '<name>',
  summary: 'Writes a receiver of your own, and its test, to start from.',
  help: [
    'The receiver checks an HMAC of time and body; docs/own-receiver.md tells of other proofs. The test has a request that',
    'was signed here: put one of the provider’s in its place, since nobody’s own signature shows a misunderstanding.'
  ].join('\n'),
  options: { dir: { type: 'string', value: '<folder>', help: 'where to; default: here' } },
  examples: [
    ['new receiver acme', 'acme.ts and acme.test.ts'],
    ['new receiver acme --dir src/receivers', 'there']
  ],
  async run({ values, positionals, terminal }) {
    const [name, ...more] = positionals
    if (name === undefined || more.length > 0) throw new InvalidCommand('Which name? Give one, such as acme.')
    if (!NAME.test(name)) {
      throw new InvalidCommand('A name is lower-case letters, digits and single hyphens: it stands in the URL.')
    }
    if (receiverNames().includes(name)) {
      throw new InvalidCommand(`There is a receiver ${name} already: import it from posthorn/receivers/${name}.`)
    }
    const folder = text(values, 'dir') ?? '.'
    write(join(folder, `${name}.ts`), receiverSource(name))
    write(join(folder, `${name}.test.ts`), testSource(name))
    terminal.line(`Wrote ${join(folder, name)}.ts and ${join(folder, name)}.test.ts. Next:`)
    terminal.line(`  node --test ${join(folder, name)}.test.ts`)
    terminal.line('  then change both after the provider’s documentation, and give the receiver to the plugin')
  }
}

/** Never over what is there. */
function write(path: string, source: string): void {
  try {
    writeFileSync(path, source, { flag: 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new InvalidCommand(code === 'EEXIST' ? `${path} is there already.` : `Cannot write ${path} (${code}).`)
  }
}

function exportOf(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

function receiverSource(name: string): string {
  return `import { fields, hmac, type Receiver, text } from 'posthorn/kit'

export const ${exportOf(name)}: Receiver<'${name}', { 'order.paid': { order: { id: number } } }> = {
  name: '${name}',
  // The provider's own page about its webhooks.
  docs: 'https://${name}.example/docs/webhooks',
  // Signs \`<time>.<body>\` with HMAC-SHA256 and sends \`${name}-signature: t=<time>,v1=<signature>\`.
  scheme: hmac({
    header: '${name}-signature',
    hash: 'sha256',
    encoding: 'hex',
    layout: fields({ timestamp: 't', signature: 'v1' }),
    timestamp: { as: 'seconds' },
    content: ({ body }, timestamp) => [timestamp, '.', body]
  }),
  describe: ({ body }) => ({ event: text(body.type), id: text(body.id), subject: text(body.order?.id) })
}
`
}

function testSource(name: string): string {
  const signature = createHmac('sha256', SECRET).update(`${TIME}.${BODY}`).digest('hex')
  return `import { testReceiver } from 'posthorn/testing'
import { ${exportOf(name)} } from './${name}.ts'

testReceiver(${exportOf(name)}, [
  {
    name: 'an order was paid',
    // Where the request comes from: the provider's documentation is better than posthorn.
    source: 'posthorn',
    method: 'POST',
    secret: '${SECRET}',
    now: ${TIME},
    headers: {
      'content-type': 'application/json',
      '${name}-signature': 't=${TIME},v1=${signature}'
    },
    body: '${BODY}',
    valid: true,
    describes: { event: 'order.paid', id: 'evt_1', subject: '42' }
  }
])
`
}
