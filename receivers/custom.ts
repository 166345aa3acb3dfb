import { challenge, hmac, joined, plain, type Receiver, text } from '../src/kit.ts'

/**
 * What senders built with ASP.NET WebHooks send. Signs the body, in upper-case hex. A request is a batch: one delivery per
 * notification, in its order; the id of the request is kept over its attempts, so id and place make ours. `Properties` are
 * whatever the sender's customer put there, and neither account nor subject; no time. A GET asks to hear `echo` again.
 */
export const custom: Receiver<'custom', CustomEvents> = {
  name: 'custom',
  docs: 'https://learn.microsoft.com/aspnet/webhooks/',
  // The sender takes no shorter secret.
  scheme: hmac({ header: 'ms-signature', hash: 'sha256', encoding: 'hex', layout: plain('sha256='), min: 32 }),
  handshakes: [challenge('echo')],
  describe({ body }) {
    if (!Array.isArray(body.Notifications)) return { event: undefined }
    return body.Notifications.map((item: any, position: number) => ({
      event: text(item?.Action),
      id: joined(body.Id, position),
      data: item
    }))
  }
}

/** The sender chooses the names, and what else a notification has. */
export interface CustomEvents {
  [action: string]: CustomNotification
}

export interface CustomNotification {
  Action: string
  [property: string]: any
}
