import { createWebhooks } from 'posthorn/node'
import { slack } from 'posthorn/receivers/slack'

export async function receive(forecast: (place: string) => Promise<string>) {
  const webhooks = await createWebhooks({ receivers: [slack] })

  webhooks.on(slack, '/weather', { name: 'weather', inline: true }, async ({ data }, { reply }) => {
    reply({ status: 200, body: { response_type: 'in_channel', text: await forecast(data.text) } })
  })

  return webhooks.listener
}
