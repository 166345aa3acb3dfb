import { InvalidCommand } from '../errors.ts'
import type { Command } from './command.ts'
import { readBytes } from './files.ts'
import { fromMessage } from './message.ts'
import { jsonOption } from './options.ts'
import { text } from './read.ts'
import { curlOf, tellAnswer, transmit } from './transmit.ts'

export const replay: Command = {
  takes: '<file…>',
  summary: 'Sends captured requests again, to the byte.',
  help: [
    'Without --to they go where they went: say it where that is not this machine. Most proofs hold for minutes only, so that',
    'an old request is refused by its time: posthorn verify judges it as of when it came.'
  ].join('\n'),
  options: {
    to: { type: 'string', value: '<url>', help: 'an origin, such as http://localhost:3000; the path is the file’s' },
    curl: { type: 'boolean', help: 'print the curl command that sends it, signature included' },
    ...jsonOption
  },
  examples: [
    ['replay captured/0001-stripe.http --to http://localhost:3000', 'to the server on this machine'],
    ['replay captured/0001-stripe.http --curl', 'as a command for somebody else']
  ],
  async run({ values, positionals, terminal }) {
    if (positionals.length === 0) throw new InvalidCommand('Which requests? Give their files.')
    const to = text(values, 'to')
    const target = to === undefined ? undefined : URL.parse(to)
    if (target === null || (target && !/^https?:$/.test(target.protocol)))
      throw new InvalidCommand('--to is an http or https URL.')
    for (const file of positionals) {
      const { request } = fromMessage(readBytes(file), file)
      const { origin } = new URL(request.url)
      const url = target === undefined ? request.url : target.origin + request.url.slice(origin.length)
      if (values.curl === true) terminal.line(curlOf(request, url))
      else tellAnswer(await transmit(request, url), terminal)
    }
  }
}
