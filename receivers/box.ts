import { anyOf, date, hmac, joined, type Receiver, type Scheme, text } from '../src/kit.ts'

/**
 * Signs the body and, behind it, the time, once under each of the app's two keys, in a header each: one of them is
 * enough. A secret is configured with the name of its key, `primary:key` or `secondary:key`. The id is the event's; the
 * header `BOX-DELIVERY-ID` is another one on each retry.
 */
export const box: Receiver<'box', BoxEvents> = {
  name: 'box',
  docs: 'https://developer.box.com/guides/webhooks/v2/signatures-v2/',
  scheme: anyOf(signedWith('primary', 'secondary'), signedWith('secondary', 'primary')),
  describe: ({ body }) => ({
    event: text(body.trigger),
    id: text(body.id),
    occurredAt: date(body.created_at, 'iso'),
    subject: joined(body.source?.type, body.source?.id)
  })
}

type KeyName = 'primary' | 'secondary'

function signedWith(name: KeyName, other: KeyName): Scheme {
  return hmac({
    header: `box-signature-${name}`,
    hash: 'sha256',
    encoding: 'base64',
    timestamp: { header: 'box-delivery-timestamp', as: 'iso', tolerance: 600 },
    content({ headers, body }, timestamp) {
      const isKnown = headers['box-signature-version'] === '1' && headers['box-signature-algorithm'] === 'HmacSHA256'
      return isKnown ? [body, timestamp] : undefined
    },
    key: secret => (secret.startsWith(`${name}:`) ? secret.slice(name.length + 1) : undefined),
    announce: request => ({
      ...request,
      headers: {
        ...request.headers,
        'box-signature-version': '1',
        'box-signature-algorithm': 'HmacSHA256',
        [`box-signature-${other}`]: undefined
      }
    }),
    // A key has 32 characters: shorter than this, its name is missing.
    min: 36
  })
}

/** Of what is in the trash or gone, only type and id are told. */
export interface BoxEvents {
  'FILE.UPLOADED': BoxEvent<BoxFile>
  'FILE.DOWNLOADED': BoxEvent<BoxFile>
  'FILE.TRASHED': BoxEvent<BoxReference>
  'FILE.DELETED': BoxEvent<BoxReference>
  'FILE.MOVED': BoxEvent<BoxFile>
  'FILE.RENAMED': BoxEvent<BoxFile>
  'FOLDER.CREATED': BoxEvent<BoxItem>
  'FOLDER.MOVED': BoxEvent<BoxItem>
  'FOLDER.DELETED': BoxEvent<BoxReference>
  'COMMENT.CREATED': BoxEvent<{ id: string; type: 'comment'; message: string; item: BoxReference }>
  [trigger: string]: BoxEvent
}

export interface BoxEvent<Source = any> {
  id: string
  type: 'webhook_event'
  created_at: string
  trigger: string
  webhook: BoxReference
  created_by: BoxUser
  source: Source
  additional_info: Record<string, unknown> | unknown[]
}

export interface BoxItem extends BoxReference {
  name: string
  parent: (BoxReference & { name: string }) | null
  created_at: string
  modified_at: string
  owned_by: BoxUser
  item_status: string
}

export interface BoxFile extends BoxItem {
  size: number
  sha1: string
  file_version: BoxReference & { sha1: string }
}

export interface BoxReference {
  id: string
  type: string
}

export interface BoxUser extends BoxReference {
  name: string
  login: string
}
