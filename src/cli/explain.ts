import { configure } from '../config/config.ts'
import type { Reason } from '../errors.ts'
import { Hints } from '../inbox/rejected/hints.ts'
import type { AnyReceiver, Credentials } from '../receiver.ts'
import type { Io } from './command.ts'
import { counted } from './inbox/words.ts'
import { configuredReceivers, envOf, problemsOf } from './known.ts'
import type { Captured } from './message.ts'

export interface Refused {
  readonly captured: Captured
  readonly instance: string
  readonly known: Credentials
  readonly at: Date
  readonly reason: Reason
}

/** What may be wrong, in words. Whose secret it was instead is asked of all that this environment has. */
export async function hintOf(io: Io, receiver: AnyReceiver, refused: Refused): Promise<string | undefined> {
  const { captured, instance, known, at, reason } = refused
  const others = (await configuredReceivers(io)).filter(({ name }) => name !== receiver.name)
  const receivers = new Map([receiver, ...others].map(one => [one.name, one]))
  const instances = [...receivers.values()].flatMap(one => [...credentialsIn(one, io)])
  const hints = new Hints({
    receivers,
    instances,
    credentialsFor: async ({ name }, id) =>
      instances.find(one => one.receiver === name && one.instance === id)?.credentials
  })
  return hints.hint(receiver, instance, { request: captured.request, credentials: known, reason, at: at.getTime() })
}

/** None of a receiver whose variables are incomplete: it is not the one that was asked about. */
function credentialsIn(receiver: AnyReceiver, { env }: Io) {
  try {
    const { instances } = configure([receiver], { env: envOf(receiver, env), trustProxy: true })
    return [...instances.get(receiver.name)!].map(([instance, credentials]) => ({
      receiver: receiver.name,
      instance,
      credentials: { ...credentials, fetch }
    }))
  } catch (error) {
    // Throws on what is another error.
    problemsOf(error)
    return []
  }
}

/** What editors and copying do: the header tells how long the body was. */
export function surplusOf({ request: { headers, body } }: Captured): string | undefined {
  const length = Number(headers['content-length'])
  if (!Number.isInteger(length) || length === body.length) return undefined
  const [more, less] = [body.length - length, length - body.length]
  return more > 0
    ? `The file’s body has ${counted(more, 'byte')} more than content-length says: an editor may have added a line break.`
    : `The file’s body lacks ${less} of the ${length} bytes that content-length says.`
}
