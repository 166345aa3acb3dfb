import { hmac, list, type Receiver, text } from '../../src/kit.ts'

/** Standard Webhooks, for the comparison with its official package. */
export const standard: Receiver<'standard'> = {
  name: 'standard',
  docs: 'https://www.standardwebhooks.com',
  scheme: hmac({
    header: 'webhook-signature',
    hash: 'sha256',
    encoding: 'base64',
    layout: list({ separator: ' ', prefix: 'v1,' }),
    timestamp: { header: 'webhook-timestamp', as: 'seconds' },
    key: secret => Buffer.from(secret.slice('whsec_'.length), 'base64'),
    content: ({ headers, body }, timestamp) => [`${headers['webhook-id']}.${timestamp}.`, body]
  }),
  describe: ({ body }) => ({
    event: text(body.type),
    subject: text(body.data?.object?.id),
    account: text(body.account)
  })
}
