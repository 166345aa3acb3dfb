import { createHmac } from 'node:crypto'

/** What the clients send: bodies of the sizes that the providers send, and the proof over them. */
export const SECRET = 'a-secret-for-the-benchmark'
export const STANDARD_SECRET = `whsec_${Buffer.from('a-secret-of-thirty-two-bytes-123').toString('base64')}`

export interface Payload {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** What every handler must have seen. */
  readonly expected: { readonly event: string; readonly subject: string; readonly account: string }
}

export type PayloadName = 'github' | 'stripe' | 'standard' | 'slack'

/** Signed anew: most signatures are good for five minutes. */
export function payloads(now = new Date()): Record<PayloadName, Payload> {
  const seconds = String(Math.floor(now.getTime() / 1000))
  const json = { 'content-type': 'application/json' }
  const standardKey = Buffer.from(STANDARD_SECRET.slice('whsec_'.length), 'base64')
  return {
    github: {
      path: '/api/webhooks/incoming/github',
      headers: {
        ...json,
        'user-agent': 'GitHub-Hookshot/0123456',
        'x-github-event': 'push',
        'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
        'x-github-hook-id': '292430182',
        'x-github-hook-installation-target-id': '79929171',
        'x-github-hook-installation-target-type': 'repository',
        'x-hub-signature-256': `sha256=${hex(push)}`
      },
      body: push,
      expected: { event: 'push', subject: 'octo/hello', account: 'octo' }
    },
    stripe: {
      path: '/api/webhooks/incoming/stripe',
      headers: {
        ...json,
        'user-agent': 'Stripe/1.0',
        'stripe-signature': `t=${seconds},v1=${hex(`${seconds}.`, invoice)}`
      },
      body: invoice,
      expected: { event: 'invoice.paid', subject: 'in_1PgVBa2eZvKYlo2C', account: 'acct_1032D82eZvKYlo2C' }
    },
    standard: {
      path: '/api/webhooks/incoming/standard',
      headers: {
        ...json,
        'webhook-id': 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
        'webhook-timestamp': seconds,
        'webhook-signature': `v1,${createHmac('sha256', standardKey)
          .update(`msg_2KWPBgLlAfxdpx2AI54pPJ85f4W.${seconds}.`)
          .update(invoice)
          .digest('base64')}`
      },
      body: invoice,
      expected: { event: 'invoice.paid', subject: 'in_1PgVBa2eZvKYlo2C', account: 'acct_1032D82eZvKYlo2C' }
    },
    slack: {
      path: '/api/webhooks/incoming/slack',
      headers: {
        ...json,
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': seconds,
        'x-slack-signature': `v0=${hex(`v0:${seconds}:`, mention)}`
      },
      body: mention,
      expected: { event: 'app_mention', subject: 'C123ABC456', account: 'T123ABC456' }
    }
  }
}

function hex(...parts: (string | Buffer)[]): string {
  const mac = createHmac('sha256', SECRET)
  for (const part of parts) mac.update(part)
  return mac.digest('hex')
}

/** 7.7 KB, as a push of one commit to a repository. */
const push = (() => {
  const user = { name: 'octo', login: 'octo', id: 21031067, type: 'Organization', site_admin: false }
  const urls = Object.fromEntries(
    ['keys', 'collaborators', 'teams', 'hooks', 'events', 'assignees', 'branches', 'tags', 'blobs', 'statuses']
      .concat(
        [
          'languages',
          'stargazers',
          'contributors',
          'subscribers',
          'commits',
          'comments',
          'contents',
          'compare',
          'merges'
        ],
        ['archive', 'downloads', 'issues', 'pulls', 'milestones', 'labels', 'releases', 'deployments', 'forks']
      )
      .map(name => [`${name}_url`, `https://api.github.com/repos/octo/hello/${name}{/${name}_id}`])
  )
  const commit = {
    id: '0000000000000000000000000000000000000001',
    tree_id: '0000000000000000000000000000000000000002',
    distinct: true,
    message: 'Update README.md',
    timestamp: '2026-11-24T12:00:00+02:00',
    url: 'https://github.com/octo/hello/commit/0000000000000000000000000000000000000001',
    author: { name: 'Mona', email: 'mona@example.com', username: 'mona' },
    committer: { name: 'Mona', email: 'mona@example.com', username: 'mona' },
    added: ['docs/one.md', 'docs/two.md'],
    removed: [],
    modified: ['README.md']
  }
  const event = {
    ref: 'refs/heads/main',
    before: '0000000000000000000000000000000000000000',
    after: commit.id,
    repository: {
      id: 186853002,
      name: 'hello',
      full_name: 'octo/hello',
      private: false,
      owner: user,
      ...urls,
      default_branch: 'main'
    },
    pusher: { name: 'mona', email: 'mona@example.com' },
    sender: { ...user, login: 'mona', type: 'User' },
    created: false,
    deleted: false,
    forced: false,
    compare: 'https://github.com/octo/hello/compare/000000000000...000000000001',
    commits: [commit],
    head_commit: commit
  }
  const size = 7700
  const padding = size - JSON.stringify({ ...event, padding: '' }).length
  return Buffer.from(JSON.stringify({ ...event, padding: 'x'.repeat(padding) }))
})()

/** 1 KB, as a paid invoice. */
const invoice = (() => {
  const event = {
    id: 'evt_1NG8Du2eZvKYlo2CUI79vXWy',
    object: 'event',
    account: 'acct_1032D82eZvKYlo2C',
    api_version: '2026-10-28',
    created: 1_795_000_000,
    type: 'invoice.paid',
    livemode: true,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    data: {
      object: {
        id: 'in_1PgVBa2eZvKYlo2C',
        object: 'invoice',
        amount_due: 4200,
        amount_paid: 4200,
        currency: 'eur',
        customer: 'cus_NffrFeUfNV2Hib',
        status: 'paid',
        lines: { object: 'list', data: [{ id: 'il_1', amount: 4200, description: 'One month' }], has_more: false },
        metadata: { order: '6735' }
      }
    }
  }
  const padding = 1024 - JSON.stringify({ ...event, padding: '' }).length
  return Buffer.from(JSON.stringify({ ...event, padding: 'x'.repeat(padding) }))
})()

const mention = Buffer.from(
  JSON.stringify({
    token: 'ZZZZZZWSxiZZZ2yIvs3peJ',
    team_id: 'T123ABC456',
    api_app_id: 'A123ABC456',
    event: {
      type: 'app_mention',
      user: 'U123ABC456',
      text: 'What is the hour of the pearl, <@U0LAN0Z89>?',
      ts: '1515449522.000016',
      channel: 'C123ABC456',
      event_ts: '1515449522000016'
    },
    type: 'event_callback',
    event_id: 'Ev123ABC456',
    event_time: 1_515_449_522,
    authed_users: ['U0LAN0Z89']
  })
)
