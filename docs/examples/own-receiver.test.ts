import { testReceiver } from 'posthorn/testing'
import { acme } from './own-receiver.ts'

testReceiver(acme, [
  {
    name: 'an order was paid',
    source: 'https://acme.example/docs/webhooks#example',
    method: 'POST',
    secret: 'acme-signing-secret-1',
    now: 1_767_323_045,
    headers: {
      'content-type': 'application/json',
      'acme-signature': 't=1767323045,v1=e5725b89a4607ca7ca8eb9aec2646d14687ed4d0a3a178a62daa4f617b6ef2a6'
    },
    body: '{"id":"evt_1","type":"order.paid","order":{"id":42,"total":1999}}',
    valid: true,
    describes: { event: 'order.paid', id: 'evt_1', subject: '42' }
  }
])
