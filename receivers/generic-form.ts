import { bySettings, type Receiver } from '../src/kit.ts'

/** As `generic-json`, for senders of forms: fields named `a[b]` nest, and are found under the path `a.b`. */
export const genericForm: Receiver<'generic-form', { [event: string]: Record<string, unknown> }> = {
  name: 'generic-form',
  docs: 'https://learn.microsoft.com/en-us/aspnet/webhooks/receiving/receivers',
  ...bySettings,
  body: ['form', 'multipart']
}
