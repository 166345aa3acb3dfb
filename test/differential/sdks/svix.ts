import { Webhook } from 'svix'
import { svix as receiver } from '../../../receivers/svix.ts'
import { asNode, type Trial } from '../trial.ts'
import { threeHeaders } from './three-headers.ts'

const PREFIX = /^svix-/i

export const svix = threeHeaders({
  sdk: 'svix',
  verifier: 'Webhook.verify',
  receiver,
  prefix: 'svix',
  official(trial) {
    new Webhook(trial.secret).verify(trial.body, asNode(trial))
    return true
  },
  after: {
    'all headers under the other prefix': trial => renamed(trial, PREFIX, 'webhook-'),
    'one header under the other prefix': (trial, random) =>
      renamed(trial, random.pick([/^svix-(?=id)/i, /^svix-(?=t)/i, /^svix-(?=s)/i]), 'webhook-'),
    'wrong headers under the other prefix too': trial => ({
      ...trial,
      headers: [...trial.headers, ['webhook-id', 'msg_1'], ['webhook-timestamp', '1'], ['webhook-signature', 'v1,x']]
    })
  },
  differences: [
    {
      name: 'headers whose names begin with `webhook-`',
      accepts: 'sdk',
      reason:
        'The package takes either prefix, header by header. Senders that write `webhook-` have the receiver `standard-webhooks`.',
      undo: undoPrefix
    }
  ]
})

function renamed(trial: Trial, pattern: RegExp, replacement: string): Trial {
  return { ...trial, headers: trial.headers.map(([name, value]) => [name.replace(pattern, replacement), value]) }
}

/** Those that are missing under the one name, taken from the other. */
function undoPrefix(trial: Trial): Trial | undefined {
  const own = asNode(trial)
  const isLent = (name: string): boolean => {
    const lower = name.toLowerCase()
    return lower.startsWith('webhook-') && own[lower.replace('webhook-', 'svix-')] === undefined
  }
  if (!trial.headers.some(([name]) => isLent(name))) return undefined
  return {
    ...trial,
    headers: trial.headers.map(([name, value]) => [isLent(name) ? name.replace(/^webhook-/i, 'svix-') : name, value])
  }
}
