import type { Credentials, Description, Receiver, Unusable, Verified } from './receiver.ts'
import { headerProblem, proofSettings, schemeBySettings } from './schemes/by-settings.ts'
import { query } from './schemes/place.ts'
import { text } from './values.ts'

type Settings = Credentials['settings']

const EVENT = ['event-query', 'event-header', 'event-path']
const ID = ['id-header', 'id-path']
const MAX_DEPTH = 8
const DEFAULT_PARAMETER = 'action'
const DEFAULT_EVENT = 'change'

/** All of a receiver but its name and its bodies, for senders that have none of their own: settings choose the rest. */
export const bySettings = {
  scheme: schemeBySettings(),
  settings: [...proofSettings, ...EVENT, ...ID].map(name => `${name}?`),
  check,
  describe
} satisfies Partial<Receiver>

function check(settings: Settings): Unusable | undefined {
  for (const places of [EVENT, ID]) {
    const [first, second] = places.filter(name => settings[name] !== undefined)
    if (second !== undefined)
      return { setting: second, problem: `is set beside the setting ${first}: which one counts?` }
  }
  for (const setting of ['event-header', 'id-header']) {
    const problem = settings[setting] === undefined ? undefined : headerProblem(setting, settings[setting])
    if (problem !== undefined) return problem
  }
  const setting = ['event-path', 'id-path'].find(name => settings[name] !== undefined && !isPath(settings[name]))
  return setting === undefined
    ? undefined
    : { setting, problem: `is not a path of 1 to ${MAX_DEPTH} names with dots between them` }
}

function describe(message: Verified, { settings }: Credentials): Description {
  // Where nobody checked them at start, an id that was meant but not found would never be missed.
  if (check(settings) !== undefined) return { event: undefined }
  return { event: eventOf(message, settings), id: idOf(message, settings) }
}

function eventOf(message: Verified, settings: Settings): string | undefined {
  const { 'event-header': name, 'event-path': path } = settings
  if (name !== undefined) return text(message.headers[name.toLowerCase()])
  if (path !== undefined) return valueAt(message.body, path)
  const given = query(settings['event-query'] ?? DEFAULT_PARAMETER).read(message.request)
  return given === undefined ? DEFAULT_EVENT : text(given)
}

function idOf(message: Verified, { 'id-header': name, 'id-path': path }: Settings): string | undefined {
  if (name !== undefined) return text(message.headers[name.toLowerCase()])
  return path === undefined ? undefined : valueAt(message.body, path)
}

function isPath(path: string): boolean {
  const names = path.split('.')
  return names.length <= MAX_DEPTH && names.every(name => name !== '')
}

/** What the body's author wrote there, as text: nothing inherited, and no length of a list. */
function valueAt(body: unknown, path: string): string | undefined {
  let value: any = body
  for (const name of path.split('.')) value = hasOwn(value, name) ? value[name] : undefined
  // Two large numbers may have become one when they were parsed, and two facts must never share an id.
  return typeof value === 'number' && !Number.isSafeInteger(value) ? undefined : text(value)
}

function hasOwn(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && Object.prototype.propertyIsEnumerable.call(value, name)
}
