import { type ChannelModel, connect } from 'amqplib'
import type { CloudEvent } from 'posthorn'

/** In any process. A redelivery is a second message with the same `key`: keep the keys of what was done. */
export async function consumer(url: string, work: (event: CloudEvent, key: string) => Promise<void>) {
  const setup = async (model: ChannelModel) => {
    const channel = await model.createChannel()
    await channel.prefetch(10)
    await channel.assertQueue('webhooks.failed', { durable: true })
    const failed = { deadLetterExchange: '', deadLetterRoutingKey: 'webhooks.failed' }
    await channel.assertQueue('webhooks', { durable: true, ...failed })
    await channel.consume('webhooks', message => {
      if (message === null) return
      work(JSON.parse(message.content.toString()), message.properties.messageId).then(
        () => channel.ack(message),
        () => channel.nack(message, false, false)
      )
    })
  }
  const connection = await connect(url, { recovery: { setup } })
  connection.on('error', error => console.error(error))
  return connection
}
