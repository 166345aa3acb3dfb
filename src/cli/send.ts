import { InvalidCommand, InvalidSample } from '../errors.ts'
import { samplesOf } from '../testing/samples.ts'
import { signedForInstance } from '../testing/signed-request.ts'
import type { Call, Command } from './command.ts'
import { readBytes } from './files.ts'
import { instanceOf, receiverOf } from './known.ts'
import { appOption, jsonOption } from './options.ts'
import { text } from './read.ts'
import { publicUrlOf, targetOf, targetOption } from './target.ts'
import { curlOf, tellAnswer, transmit } from './transmit.ts'

export const send: Command = {
  takes: '<receiver> <event>',
  summary: 'Sends a sample event, signed as its provider would, to a server on this machine or elsewhere.',
  help: [
    'It signs with the secret that the environment has, as the server’s does. Ids and times of a sample are new each time;',
    'what --data gives is sent to the byte. Where a provider signs the URL, WEBHOOKS_PUBLIC_URL is taken for its origin.'
  ].join('\n'),
  options: {
    data: { type: 'string', value: '<file>', help: 'the body, instead of a sample’s' },
    header: { type: 'string', multiple: true, value: "'name: value'", help: 'beside those of the sample' },
    id: { type: 'string', value: '<id>', help: 'of the instance; default: the unnamed one' },
    ...targetOption,
    curl: { type: 'boolean', help: 'print the curl command that would send it, signature included' },
    ...appOption,
    ...jsonOption
  },
  examples: [
    ['send github push', 'to http://localhost:3000/api/webhooks/incoming/github'],
    ['send stripe invoice.paid --to https://staging.example.com', 'to another server'],
    ['send github issues.opened --data issue.json --id acme', 'your own payload, to the instance acme']
  ],
  async run(call) {
    const { values, positionals, io, terminal } = call
    const [name, event, ...more] = positionals
    const receiver = await receiverOf(name, values)
    if (event === undefined || more.length > 0)
      throw new InvalidCommand(`Which event? ${await eventsOf(receiver.name)}`)
    const id = text(values, 'id') ?? ''
    const { credentials, publicUrl } = instanceOf(receiver, id, io)
    if (receiver.scheme.testKeys?.().credentials.fetch !== undefined) {
      throw new InvalidSample(receiver.name, event, 'its key lies at the provider, so only the provider can sign it')
    }
    const target = targetOf(values, io, receiver.name, id)
    const url = publicUrlOf(target, publicUrl)
    const request = await signedForInstance(receiver, event, dataOf(call), {
      credentials: { ...credentials, fetch },
      headers: headersOf(values.header),
      url
    })
    if (request.address !== undefined) {
      throw new InvalidSample(receiver.name, event, 'the sender’s address proves it, so only the provider can send it')
    }
    // A proof may stand in the query.
    const signedTarget = target + request.url.slice(url.length)
    if (values.curl === true) return terminal.line(curlOf(request, signedTarget))
    tellAnswer(await transmit(request, signedTarget), terminal)
  }
}

function dataOf({ values }: Call): Uint8Array | undefined {
  const file = text(values, 'data')
  return file === undefined ? undefined : readBytes(file)
}

function headersOf(given: Call['values'][string]): Record<string, string> {
  return Object.fromEntries(
    [given ?? []].flat().map(line => {
      const [, name, value] = /^([^\s:]+):\s*(.*)$/.exec(String(line)) ?? []
      if (name === undefined || value === undefined) throw new InvalidCommand("--header is 'name: value'.")
      return [name.toLowerCase(), value]
    })
  )
}

async function eventsOf(receiver: string): Promise<string> {
  const { events } = await samplesOf(receiver)
  if (events.length === 0) return `${receiver} has no samples: give one, and --data.`
  return `There are samples of ${events.map(({ event }) => event).join(', ')}.`
}
