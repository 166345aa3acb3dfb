/**
 * Writes the tables of `docs/differential.md` from the comparisons: `node test/differential/table.ts`. A test fails when
 * they are stale, or when a package is another version than the one that was compared.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Comparison } from './compare.ts'
import { awsSns } from './sdks/aws-sns.ts'
import { discord } from './sdks/discord.ts'
import { github } from './sdks/github.ts'
import { line } from './sdks/line.ts'
import { linear } from './sdks/linear.ts'
import { paddle } from './sdks/paddle.ts'
import { pusher } from './sdks/pusher.ts'
import { razorpay } from './sdks/razorpay.ts'
import { sendgrid } from './sdks/sendgrid.ts'
import { slack } from './sdks/slack.ts'
import { standardWebhooks } from './sdks/standard-webhooks.ts'
import { stripe } from './sdks/stripe.ts'
import { svix } from './sdks/svix.ts'
import { twilioExpress, twilioForms, twilioHashes } from './sdks/twilio.ts'
import { workos } from './sdks/workos.ts'

export const comparisons: readonly Comparison[] = [
  github,
  stripe,
  slack,
  pusher,
  twilioForms,
  twilioHashes,
  twilioExpress,
  discord,
  awsSns,
  standardWebhooks,
  svix,
  line,
  linear,
  razorpay,
  workos,
  paddle,
  sendgrid
]

export const page = new URL('../../docs/differential.md', import.meta.url)

/** The page as it should be. */
export function generated(): string {
  return readFileSync(page, 'utf8')
    .replace(/(<!-- packages -->\n)[\s\S]*?(<!-- \/packages -->)/, (_, start, end) => start + packages() + end)
    .replace(/(<!-- differences -->\n)[\s\S]*?(<!-- \/differences -->)/, (_, start, end) => start + differences() + end)
}

function packages(): string {
  return table(
    ['package', 'version', 'its verdict', 'receiver', 'mutations', 'differences'],
    comparisons.map(({ sdk, verifier, receiver, trials, differences }) => [
      `\`${sdk}\``,
      versionOf(sdk),
      `\`${verifier}\``,
      `\`${receiver.name}\``,
      String(trials),
      String(differences.length)
    ])
  )
}

function differences(): string {
  return comparisons
    .map(({ sdk, verifier, differences }) => {
      const rows = differences.map(({ name, accepts, reason }) => [name, accepts === 'sdk' ? 'it' : '**we**', reason])
      return `### \`${sdk}\`, \`${verifier}\`\n\n${table(['request', 'accepted by', 'why'], rows)}`
    })
    .join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |\n`).join('')
}

function versionOf(sdk: string): string {
  return JSON.parse(readFileSync(new URL(`../../node_modules/${sdk}/package.json`, import.meta.url), 'utf8')).version
}

if (import.meta.main) writeFileSync(page, generated())
