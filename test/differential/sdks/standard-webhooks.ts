import { Webhook } from 'standardwebhooks'
import { type Receiver, standardWebhooks as signature } from '../../../src/kit.ts'
import { asNode } from '../trial.ts'
import { threeHeaders } from './three-headers.ts'

const receiver: Receiver<'standard-webhooks'> = {
  name: 'standard-webhooks',
  docs: 'https://www.standardwebhooks.com',
  scheme: signature(),
  describe: ({ body }) => ({ event: body.type })
}

export const standardWebhooks = threeHeaders({
  sdk: 'standardwebhooks',
  verifier: 'Webhook.verify',
  receiver,
  prefix: 'webhook',
  official(trial) {
    new Webhook(trial.secret).verify(trial.body, asNode(trial), { jsonParse: false })
    return true
  }
})
