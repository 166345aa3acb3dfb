import { fields, hmac, type Receiver, text } from 'posthorn/kit'

export const acme: Receiver<'acme', { 'order.paid': { order: { id: number; total: number } } }> = {
  name: 'acme',
  docs: 'https://acme.example/docs/webhooks',
  scheme: hmac({
    header: 'acme-signature',
    hash: 'sha256',
    encoding: 'hex',
    layout: fields({ timestamp: 't', signature: 'v1' }),
    timestamp: { as: 'seconds' },
    content: ({ body }, timestamp) => [timestamp, '.', body]
  }),
  describe: ({ body }) => ({ event: text(body.type), id: text(body.id), subject: text(body.order?.id) })
}
