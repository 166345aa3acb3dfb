import bolt from '@slack/bolt'

export function receive(forecast: (place: string) => Promise<string>) {
  const receiver = new bolt.HTTPReceiver({
    signingSecret: process.env.SLACK_SIGNING_SECRET!,
    endpoints: ['/slack/events']
  })
  const app = new bolt.App({
    receiver,
    authorize: async () => ({ botToken: process.env.SLACK_BOT_TOKEN!, botId: 'B1' })
  })

  app.command('/weather', async ({ command, ack }) => {
    await ack({ response_type: 'in_channel', text: await forecast(command.text) })
  })

  return receiver.requestListener
}
