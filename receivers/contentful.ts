import { escape as escaped } from 'node:querystring'
import { date, hmac, type Receiver, text, type Verified, type WebhookRequest } from '../src/kit.ts'

const LIST = 'x-contentful-signed-headers'
const TIME = 'x-contentful-timestamp'

/**
 * Signs method, path, the headers that one of them lists, and the body. Event, id and time are headers: what is not
 * listed is not signed, and is not believed. The path is escaped once more before it is signed, its query twice; it may
 * have been signed as it was entered, before HTTP escaped it.
 */
export const contentful: Receiver<'contentful', ContentfulEvents> = {
  name: 'contentful',
  docs: 'https://www.contentful.com/developers/docs/webhooks/request-verification/',
  scheme: hmac({
    header: 'x-contentful-signature',
    hash: 'sha256',
    encoding: 'hex',
    timestamp: { header: TIME, as: 'milliseconds', tolerance: 30 },
    content(request) {
      const headers = signedHeaders(request)
      // Half of a surrogate pair has no escape.
      if (headers === undefined || !request.url.isWellFormed()) return undefined
      return [`${request.method}\n${signedPath(request.url)}\n${headers}\n`, request.body]
    },
    variants: request => [request, { ...request, url: unescaped(request.url) }],
    announce: request => ({ ...request, headers: { ...request.headers, [LIST]: listOf(request) } }),
    min: 64,
    covers: { url: true }
  }),
  describe(message) {
    const { sys } = message.body
    return {
      event: signed(message, 'x-contentful-topic'),
      id: signed(message, 'x-contentful-idempotency-key'),
      occurredAt: date(signed(message, 'x-contentful-event-datetime') ?? sys?.updatedAt, 'iso'),
      subject: text(sys?.id),
      account: text(sys?.space?.sys?.id)
    }
  }
}

/** Undefined where one came twice or not at all, or where the list leaves out the time or itself. */
function signedHeaders({ headers }: WebhookRequest): string | undefined {
  const list = headers[LIST]
  const names = typeof list === 'string' ? list.split(',') : []
  if (!names.includes(LIST) || !names.includes(TIME)) return undefined
  const lines = names.map(name => {
    const value = headers[name]
    return typeof value === 'string' ? `${name}:${value.trim()}` : undefined
  })
  return lines.includes(undefined) ? undefined : lines.join(';')
}

function signedPath(url: string): string {
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '')
  const at = path.indexOf('?')
  return encodeURI(at === -1 ? path : `${path.slice(0, at)}?${escaped(path.slice(at + 1))}`)
}

function unescaped(url: string): string {
  try {
    return decodeURI(url)
  } catch {
    return url
  }
}

/** As Contentful would list them: its own, and the content type. */
function listOf({ headers }: WebhookRequest): string {
  const own = Object.keys(headers).filter(name => /^content-type$|^x-contentful-(?!signature$)/.test(name))
  return [...new Set([...own, LIST, TIME])].sort().join(',')
}

function signed({ headers }: Verified, name: string): string | undefined {
  return headers[LIST]?.split(',').includes(name) ? headers[name] : undefined
}

export interface ContentfulEvents {
  'ContentManagement.Entry.create': ContentfulEntry
  'ContentManagement.Entry.save': ContentfulEntry
  'ContentManagement.Entry.auto_save': ContentfulEntry
  'ContentManagement.Entry.publish': ContentfulEntry
  'ContentManagement.Entry.archive': ContentfulEntry
  'ContentManagement.Entry.unpublish': ContentfulDeleted
  'ContentManagement.Entry.delete': ContentfulDeleted
  'ContentManagement.Asset.publish': ContentfulAsset
  'ContentManagement.Asset.unpublish': ContentfulDeleted
  'ContentManagement.Asset.delete': ContentfulDeleted
  'ContentManagement.ContentType.publish': ContentfulResource & { name: string; fields: ContentfulField[] }
  [topic: string]: any
}

export interface ContentfulResource {
  sys: ContentfulSys
}

/** Fields have a value for each locale. */
export interface ContentfulEntry extends ContentfulResource {
  sys: ContentfulSys & { contentType: ContentfulLink }
  fields: Record<string, Record<string, unknown>>
  metadata?: { tags: ContentfulLink[] }
}

export interface ContentfulAsset extends ContentfulResource {
  fields: {
    title?: Record<string, string>
    description?: Record<string, string>
    file?: Record<string, { fileName: string; contentType: string; url?: string }>
  }
}

/** Only that it is gone. */
export interface ContentfulDeleted {
  sys: Pick<ContentfulSys, 'id' | 'type' | 'space' | 'environment'> & {
    contentType?: ContentfulLink
    deletedAt: string
    deletedBy?: ContentfulLink
  }
}

export interface ContentfulSys {
  id: string
  type: string
  space: ContentfulLink
  environment: ContentfulLink
  createdAt: string
  updatedAt: string
  createdBy?: ContentfulLink
  updatedBy?: ContentfulLink
  version?: number
  revision?: number
  publishedVersion?: number
}

export interface ContentfulLink {
  sys: { type: 'Link'; linkType: string; id: string }
}

export interface ContentfulField {
  id: string
  name: string
  type: string
  required: boolean
  localized: boolean
}
