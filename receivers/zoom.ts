import { createHmac } from 'node:crypto'
import {
  type Answer,
  type Credentials,
  date,
  hmac,
  joined,
  plain,
  type Receiver,
  text,
  type Verified
} from '../src/kit.ts'

const scheme = hmac({
  header: 'x-zm-signature',
  hash: 'sha256',
  encoding: 'hex',
  layout: plain('v0='),
  timestamp: { header: 'x-zm-request-timestamp', as: 'seconds' },
  content: ({ body }, timestamp) => [`v0:${timestamp}:`, body]
})

/**
 * Signs `v0:<time>:<body>`. No event has an id: event, millisecond, meeting and participant make one. A URL is checked
 * when it is saved and every three days: the check is signed, and wants its token back under an HMAC with the same secret.
 */
export const zoom: Receiver<'zoom', ZoomEvents> = {
  name: 'zoom',
  docs: 'https://developers.zoom.us/docs/api/webhooks/',
  scheme,
  handshakes: [{ trust: 'verified', reply: provePossession }],
  describe({ body }) {
    const object = body.payload?.object
    const participant = object?.participant
    const who = text(participant?.participant_uuid) ?? text(participant?.user_id)
    return {
      event: text(body.event),
      id:
        participant !== undefined && who === undefined
          ? undefined
          : joined(body.event, body.event_ts, object?.uuid ?? object?.id, ...(who === undefined ? [] : [who])),
      occurredAt: date(body.event_ts, 'milliseconds'),
      subject: text(object?.id) ?? text(object?.uuid),
      account: text(body.payload?.account_id)
    }
  }
}

function provePossession(message: Verified, { secrets }: Credentials): Answer {
  if (message.body.event !== 'endpoint.url_validation') return undefined
  const plainToken = text(message.body.payload?.plainToken)
  const secret = secrets.find(candidate => isSignedWith(candidate, message))
  if (plainToken === undefined || secret === undefined) return { reject: 'challenge-malformed', status: 400 }
  const encryptedToken = createHmac('sha256', secret).update(plainToken).digest('hex')
  return { status: 200, body: { plainToken, encryptedToken } }
}

/** While a secret is replaced, the one that Zoom has is the one that signed this. */
function isSignedWith(secret: string, { request, headers }: Verified): boolean {
  const mac = createHmac('sha256', secret).update(`v0:${headers['x-zm-request-timestamp']}:`).update(request.body)
  return `v0=${mac.digest('hex')}` === headers['x-zm-signature']?.toLowerCase()
}

export interface ZoomEvents {
  'meeting.started': ZoomEvent<ZoomMeeting>
  'meeting.ended': ZoomEvent<ZoomMeeting & { end_time: string }>
  'meeting.participant_joined': ZoomEvent<ZoomMeeting & { participant: ZoomParticipant & { join_time: string } }>
  'meeting.participant_left': ZoomEvent<ZoomMeeting & { participant: ZoomParticipant & { leave_time: string } }>
  'recording.completed': ZoomEvent<
    Omit<ZoomMeeting, 'id'> & {
      id: number
      recording_files: { id: string; file_type: string; download_url: string; status: string }[]
    },
    { download_token: string }
  >
  [event: string]: ZoomEvent
}

export type ZoomEvent<Item = any, More = object> = {
  event: string
  event_ts: number
  payload: { account_id: string; object: Item }
} & More

export interface ZoomMeeting {
  id: string
  uuid: string
  host_id: string
  topic: string
  type: number
  start_time: string
  duration: number
  timezone: string
}

export interface ZoomParticipant {
  user_id: string
  user_name: string
  participant_uuid?: string
  email?: string
}
