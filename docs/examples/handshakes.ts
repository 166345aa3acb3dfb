import { echo, header, type Receiver, text, token } from 'posthorn/kit'

export const beacon: Receiver<'beacon'> = {
  name: 'beacon',
  docs: 'https://beacon.example/webhooks',
  scheme: token(header('x-beacon-token')),
  handshakes: [
    {
      trust: 'unsigned',
      methods: ['GET'],
      reply({ url }) {
        const challenge = new URL(url).searchParams.get('challenge')
        return challenge === null ? { reject: 'challenge-malformed', status: 400 } : echo(challenge)
      }
    },
    { trust: 'verified', reply: ({ body }) => (body.type === 'ping' ? { status: 200 } : undefined) }
  ],
  describe: ({ body }) => ({ event: text(body.type) })
}
