/** The process under torture: an application as anybody would write it. Says its port, and its memory when asked. */
import Fastify from 'fastify'
import { bitbucket } from '../../../receivers/bitbucket.ts'
import { github } from '../../../receivers/github.ts'
import { mailgun } from '../../../receivers/mailgun.ts'
import { salesforce } from '../../../receivers/salesforce.ts'
import webhooks from '../../../src/plugin.ts'
import { SECRET } from '../../plugin/app.ts'

const env = Object.fromEntries(
  ['GITHUB', 'BITBUCKET', 'MAILGUN', 'SALESFORCE'].map(name => [`WEBHOOKS_${name}_SECRET`, SECRET])
)
const app = Fastify()
let deliveries = 0
await app.register(webhooks, { receivers: [bitbucket, github, mailgun, salesforce], env })
app.webhooks.on(github, '**', { name: 'count' }, () => {
  deliveries++
})
await app.listen({ port: 0, host: '127.0.0.1' })

process.on('message', () => {
  global.gc?.()
  process.send!({ megabytes: Math.round(process.memoryUsage.rss() / 2 ** 20), deliveries })
})
process.on('disconnect', () => process.exit())
process.send!(app.server.address())
