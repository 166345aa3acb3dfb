import { date, type Receiver, standardWebhooks, text } from '../src/kit.ts'

/**
 * Signs `<id>.<time>.<body>` as Standard Webhooks. The id is a header (`wh_…`), which is signed. Events are thin: they bring
 * the id of their object, and no more. A secret without `whsec_` is no base64, but the key itself.
 */
export const openai: Receiver<'openai', OpenaiEvents> = {
  name: 'openai',
  docs: 'https://platform.openai.com/docs/guides/webhooks',
  scheme: standardWebhooks({
    secret: shown => (shown.startsWith('whsec_') ? shown : `whsec_${Buffer.from(shown).toString('base64')}`)
  }),
  describe: ({ headers, body }) => ({
    event: text(body.type),
    id: headers['webhook-id'],
    occurredAt: date(body.created_at, 'seconds'),
    subject: text(body.data?.id)
  })
}

export interface OpenaiEvents {
  'response.completed': OpenaiEvent
  'response.failed': OpenaiEvent
  'response.cancelled': OpenaiEvent
  'response.incomplete': OpenaiEvent
  'batch.completed': OpenaiEvent
  'batch.failed': OpenaiEvent
  'fine_tuning.job.succeeded': OpenaiEvent
  'fine_tuning.job.failed': OpenaiEvent
  'eval.run.succeeded': OpenaiEvent
  'realtime.call.incoming': OpenaiEvent<{ call_id: string; sip_headers: { name: string; value: string }[] }>
  [event: string]: OpenaiEvent<any>
}

export interface OpenaiEvent<Item = { id: string }> {
  id: string
  object: 'event'
  type: string
  created_at: number
  data: Item
}
