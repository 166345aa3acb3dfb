import { challenge, hmac, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body with the app secret. A notification only lists the accounts in which something changed; each becomes a
 * delivery of its own, with the body that Dropbox would have sent for it alone. No id and no time: two equal bodies are
 * two changes. What is not a list of accounts, as for team apps, stays whole.
 */
export const dropbox: Receiver<'dropbox', DropboxEvents> = {
  name: 'dropbox',
  docs: 'https://www.dropbox.com/developers/reference/webhooks',
  // Dropbox gives secrets of 15 characters.
  scheme: hmac({ header: 'x-dropbox-signature', hash: 'sha256', encoding: 'hex', min: 15 }),
  handshakes: [challenge('challenge')],
  describe({ body }) {
    const accounts = body.list_folder?.accounts
    if (!Array.isArray(accounts)) return { event: body.list_folder ? 'change' : undefined }
    return accounts.map(account => ({
      event: 'change',
      subject: text(account),
      account: text(account),
      data: { list_folder: { accounts: [account] } }
    }))
  }
}

export interface DropboxEvents {
  change: { list_folder: { accounts?: string[] } }
}
