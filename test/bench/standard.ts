import { type Receiver, standardWebhooks, text } from '../../src/kit.ts'

/** Standard Webhooks, for the comparison with its official package. */
export const standard: Receiver<'standard'> = {
  name: 'standard',
  docs: 'https://www.standardwebhooks.com',
  scheme: standardWebhooks(),
  describe: ({ body }) => ({
    event: text(body.type),
    subject: text(body.data?.object?.id),
    account: text(body.account)
  })
}
