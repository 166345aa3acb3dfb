import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import { type CloudEvent, on } from 'posthorn'
import { Queue } from 'posthorn/handlers/queue'
import { github } from 'posthorn/receivers/github'

/** Give its handler to the plugin, and close the connection after the server. */
export async function producer(url: string) {
  let channel: ConfirmChannel
  // Runs for every new connection: the first one, and those after a loss.
  const setup = async (model: ChannelModel) => {
    channel = await model.createConfirmChannel()
    const failed = { deadLetterExchange: '', deadLetterRoutingKey: 'webhooks.failed' }
    await channel.assertQueue('webhooks', { durable: true, ...failed })
  }
  const connection = await connect(url, { recovery: { setup } })
  connection.on('error', error => console.error(error))

  const enqueue = (event: CloudEvent) =>
    new Promise<void>((resolve, reject) => {
      const content = Buffer.from(JSON.stringify(event))
      const options = { persistent: true, messageId: `${event.source}/${event.id}` }
      channel.sendToQueue('webhooks', content, options, error => (error ? reject(error) : resolve()))
    })
  return { handler: new Queue({ accepts: [on(github, '**')], enqueue }), connection }
}
