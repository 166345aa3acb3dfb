import { date, hmac, type Receiver, text } from '../src/kit.ts'

const signed = hmac({ header: 'x-hook-signature', hash: 'sha256', encoding: 'hex' })
/** Nothing that could begin a line of the log, or another header of the answer. */
const SECRET = /^[A-Za-z0-9_-]{16,256}$/

/**
 * Signs the body with a secret that Asana chooses for each webhook: while one is made, its first request brings the
 * secret, and must hear it again. That proves nothing, so it is shown to the operator and never trusted by itself. A
 * request is a batch of events, which have no id; an empty one comes every eight hours and asks whether we are there.
 */
export const asana: Receiver<'asana', AsanaEvents> = {
  name: 'asana',
  docs: 'https://developers.asana.com/docs/webhooks-guide',
  // No proof, but as good as one: it must not be kept with a refused request.
  scheme: { ...signed, carries: { headers: ['x-hook-secret'] } },
  handshakes: [
    {
      trust: 'unsigned',
      reply({ headers }) {
        const secret = headers['x-hook-secret']
        // What bears a signature is judged by it.
        if (headers['x-hook-signature'] !== undefined || typeof secret !== 'string' || !SECRET.test(secret)) {
          return undefined
        }
        return {
          status: 200,
          headers: { 'x-hook-secret': secret },
          notice: `Somebody, perhaps Asana, offers the secret ${secret}`
        }
      }
    }
  ],
  describe({ body: { events } }) {
    if (!Array.isArray(events)) return { event: undefined }
    return events.map(item => {
      const [type, action] = [text(item?.resource?.resource_type), text(item?.action)]
      return {
        event: type && action && `${type}.${action}`,
        occurredAt: date(item?.created_at, 'iso'),
        subject: text(item?.resource?.gid),
        data: item
      }
    })
  }
}

export interface AsanaEvents {
  'task.added': AsanaEvent
  'task.changed': AsanaEvent
  'task.removed': AsanaEvent
  'task.deleted': AsanaEvent
  'task.undeleted': AsanaEvent
  'story.added': AsanaEvent
  'project.changed': AsanaEvent
  'section.added': AsanaEvent
  [event: string]: AsanaEvent
}

export interface AsanaEvent {
  action: string
  created_at: string
  user: AsanaResource | null
  resource: AsanaResource
  /** What it was added to or removed from. */
  parent?: AsanaResource | null
  /** Where the action is `changed`. Values are told only where they are resources. */
  change?: {
    field: string
    action: string
    new_value?: AsanaResource | null
    added_value?: AsanaResource | null
    removed_value?: AsanaResource | null
  }
}

export interface AsanaResource {
  gid: string
  resource_type: string
  resource_subtype?: string
}
