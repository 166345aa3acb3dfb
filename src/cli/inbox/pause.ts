import { InvalidCommand } from '../../errors.ts'
import type { Command } from '../command.ts'
import { storeOptions } from '../options.ts'
import { withInbox } from '../session.ts'
import { clean } from '../terminal.ts'

export const pause = switching('pause', 'Stops the handling of a receiver’s deliveries, in all processes.', [
  'It goes on being received and stored; what runs, runs on.',
  'paused'
])

export const resume = switching('resume', 'Lets the handling of a receiver’s deliveries go on.', [
  'What has waited is handled in its order.',
  'resumed'
])

function switching(name: 'pause' | 'resume', summary: string, [help, done]: readonly [string, string]): Command {
  return {
    takes: '<receiver>',
    summary,
    help,
    options: storeOptions,
    examples: [[`inbox ${name} stripe`, summary]],
    async run(call) {
      const { positionals, terminal } = call
      const [receiver, ...more] = positionals
      if (receiver === undefined || more.length > 0) throw new InvalidCommand('Which receiver? Give its name.')
      await withInbox(call, async inbox => {
        await inbox[name](receiver)
        const { receivers } = await inbox.stats()
        const isKnown = Object.hasOwn(receivers, receiver)
        if (!isKnown) terminal.note(`Nothing of ${clean(receiver)} is stored: is that its name?`)
        if (terminal.isJson) terminal.json({ receiver, paused: name === 'pause' })
        else terminal.line(`${clean(receiver)} is ${done}.`)
      })
    }
  }
}
