import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { collect } from '../collect.ts'
import { InvalidCommand } from '../errors.ts'
import { headersOf, pathOf } from '../incoming.ts'
import type { WebhookRequest } from '../receiver.ts'
import type { Command } from './command.ts'
import { toMessage } from './message.ts'
import { portOf, text } from './read.ts'
import { askedToStop } from './stop.ts'
import { clean, told } from './terminal.ts'

const LIMIT = 25 * 1024 * 1024
const TIMEOUT = 30_000

export const capture: Command = {
  takes: '[<folder>]',
  summary: 'Writes every request that comes into a file, to the byte, and answers 200, until it gets SIGTERM.',
  help: [
    'The folder is “captured” by default; only its owner may read what is written. The files hold what was sent, signatures',
    'and secrets included: posthorn verify and posthorn replay take them. Nothing is checked, so don’t leave it running.'
  ].join('\n'),
  options: {
    host: { type: 'string', value: '<address>', help: 'where it listens; default: 127.0.0.1' },
    port: { type: 'string', value: '<n>', help: 'default: PORT, or 3000' }
  },
  examples: [
    ['capture', 'then let the provider send, through a tunnel to this machine'],
    ['capture stripe-requests --port 4000', 'elsewhere']
  ],
  async run({ values, positionals, io, terminal }) {
    const [folder = 'captured', ...more] = positionals
    if (more.length > 0) throw new InvalidCommand('One folder, or none.')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    let count = Math.max(0, ...(await readdir(folder)).map(name => Number.parseInt(name, 10) || 0))
    const keep = async (incoming: IncomingMessage): Promise<number> => {
      const request = await requestOf(incoming, io.env.WEBHOOKS_PUBLIC_URL)
      if (request === undefined) return 413
      const file = join(folder, `${String(++count).padStart(4, '0')}${nameIn(request.url)}.http`)
      await writeFile(file, toMessage(request, new Date()), { mode: 0o600, flag: 'wx' })
      terminal.line(`${file}  ${clean(`${request.method} ${pathOf(request.url)}`)}  ${request.body.length} bytes`)
      return 200
    }
    const server = createServer(async (incoming, answer) => {
      const status = await keep(incoming).catch(error => {
        terminal.note(`Not kept: ${told(error)}`)
        return 500
      })
      answer.writeHead(status, status === 200 ? {} : { connection: 'close' }).end()
    })
    const asked = askedToStop(io.signals, () => io.exit(1))
    const host = text(values, 'host') ?? '127.0.0.1'
    await listening(server, portOf(values, io), host)
    terminal.note(`posthorn captures at http://${host}:${(server.address() as AddressInfo).port}`)
    await asked
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}

function listening(server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
}

/** Undefined where the body is too large, or did not come whole. */
async function requestOf(
  incoming: IncomingMessage,
  publicUrl: string | undefined
): Promise<WebhookRequest | undefined> {
  const { method = 'GET', url = '/' } = incoming
  const length = incoming.headers['content-length']
  const body = await collect(incoming, { limit: LIMIT, length, timeout: TIMEOUT })
  if (typeof body === 'string') return undefined
  const origin = publicUrl?.replace(/\/+$/, '') ?? `http://${incoming.headers.host ?? 'localhost'}`
  const address = incoming.socket.remoteAddress?.replace(/^::ffff:/, '')
  return { method, url: origin + url, headers: headersOf(incoming), body, address }
}

/** `-stripe`: what the path ends with, where that is a plain word. */
function nameIn(url: string): string {
  const [, name] = /\/([a-z0-9-]{1,40})$/.exec(pathOf(url)) ?? []
  return name === undefined ? '' : `-${name}`
}
