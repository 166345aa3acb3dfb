import { bySettings, type Receiver } from '../src/kit.ts'

/**
 * For senders of JSON that have no receiver of their own. Settings choose the proof and say where event and id stand.
 * Without any: a secret in the URL (`?code=`), the event in `?action=` or else `change`, and no id.
 */
export const genericJson: Receiver<'generic-json'> = {
  name: 'generic-json',
  docs: 'https://learn.microsoft.com/en-us/aspnet/webhooks/receiving/receivers',
  ...bySettings
}
