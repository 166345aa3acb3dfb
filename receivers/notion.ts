import { date, hmac, peek, plain, type Receiver, text, type WebhookRequest } from '../src/kit.ts'

const scheme = hmac({ header: 'x-notion-signature', hash: 'sha256', encoding: 'hex', layout: plain('sha256=') })

/**
 * Signs the body with a token that Notion chooses: its first request brings the token, signed with itself. That proves
 * nothing, so the token is shown to the operator and never trusted by itself. Events tell only what changed, not how.
 */
export const notion: Receiver<'notion', NotionEvents> = {
  name: 'notion',
  docs: 'https://developers.notion.com/reference/webhooks',
  scheme,
  handshakes: [
    {
      trust: 'unsigned',
      async reply(request, credentials) {
        const token = tokenIn(request)
        if (token === undefined) return undefined
        const verdict = await scheme.verify(request, { ...credentials, secrets: [token] }, new Date(0))
        if (!verdict.ok) return undefined
        return { status: 200, notice: `Somebody, perhaps Notion, offers the verification token ${token}` }
      }
    }
  ],
  describe({ body }) {
    return {
      event: text(body.type),
      id: text(body.id),
      occurredAt: date(body.timestamp, 'iso'),
      subject: text(body.entity?.id),
      account: text(body.workspace_id)
    }
  }
}

/** Alone in the body, and nothing that could forge a line of the log. */
function tokenIn(request: WebhookRequest): string | undefined {
  const { verification_token: token, ...others } = peek(request, 'json') ?? {}
  const isToken = typeof token === 'string' && /^secret_[A-Za-z0-9]{16,100}$/.test(token)
  return isToken && Object.keys(others).length === 0 ? token : undefined
}

export interface NotionEvents {
  'page.created': NotionEvent<'page'>
  'page.content_updated': NotionEvent<'page', { updated_blocks: NotionReference[] }>
  'page.properties_updated': NotionEvent<'page', { updated_properties: string[] }>
  'page.moved': NotionEvent<'page'>
  'page.deleted': NotionEvent<'page'>
  'page.undeleted': NotionEvent<'page'>
  'comment.created': NotionEvent<'comment', { page_id: string }>
  [event: string]: NotionEvent
}

export interface NotionEvent<Type extends string = string, Data = object> {
  id: string
  type: string
  timestamp: string
  workspace_id: string
  subscription_id: string
  integration_id: string
  attempt_number: number
  authors: NotionReference[]
  entity: { id: string; type: Type }
  data: Data & { parent?: NotionReference }
}

export interface NotionReference {
  id: string
  type: string
}
