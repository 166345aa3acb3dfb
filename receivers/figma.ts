import { date, field, joined, type Receiver, text, token } from '../src/kit.ts'

/**
 * Signs nothing: a `passcode` in the body is the only proof, so the body could say anything and HTTPS is a must. No id:
 * webhook, event, file, time and what tells apart several events of one moment make ours. A new webhook sends `PING`.
 */
export const figma: Receiver<'figma', FigmaEvents> = {
  name: 'figma',
  docs: 'https://developers.figma.com/docs/rest-api/webhooks/',
  scheme: token(field(['json'], 'passcode'), { min: 16 }),
  handshakes: [{ trust: 'verified', reply: ({ body }) => (body.event_type === 'PING' ? { status: 200 } : undefined) }],
  describe({ body }) {
    const { event_type: event, webhook_id: webhook, timestamp, file_key: file, comment_id: comment } = body
    const fact = joined(webhook, event, file, timestamp)
    return {
      event: text(event),
      // One publication of a library comes as several events of one moment: they have nothing of their own to tell them by.
      id: event === 'LIBRARY_PUBLISH' ? undefined : fact && [fact, text(comment)].filter(part => part).join('/'),
      occurredAt: date(timestamp, 'iso'),
      subject: text(file)
    }
  }
}

export interface FigmaEvents {
  FILE_UPDATE: FigmaEvent
  FILE_DELETE: FigmaEvent & { triggered_by: FigmaUser }
  FILE_VERSION_UPDATE: FigmaEvent & {
    version_id: string
    label: string
    description: string
    created_at: string
    triggered_by: FigmaUser
  }
  FILE_COMMENT: FigmaEvent & {
    /** Texts and mentions, in their order. */
    comment: { text?: string; mention?: string }[]
    comment_id: string
    parent_id: string
    order_id: string
    created_at: string
    triggered_by: FigmaUser
  }
  LIBRARY_PUBLISH: FigmaEvent & {
    created_components: FigmaLibraryItem[]
    modified_components: FigmaLibraryItem[]
    deleted_components: FigmaLibraryItem[]
    description: string
    triggered_by: FigmaUser
  }
  [event: string]: FigmaEvent
}

/** `passcode` is there as well, hidden. */
export interface FigmaEvent {
  event_type: string
  file_key: string
  file_name: string
  timestamp: string
  webhook_id: string | number
}

export interface FigmaUser {
  id: string
  handle: string
}

export interface FigmaLibraryItem {
  key: string
  name: string
}
