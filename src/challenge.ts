import type { Handshake } from './receiver.ts'
import { query } from './schemes/place.ts'
import { echo } from './values.ts'

/** The GET by which a provider checks a URL: it asks to hear the text of one query parameter again. */
export function challenge(parameter: string): Handshake {
  const place = query(parameter)
  return {
    trust: 'unsigned',
    methods: ['GET'],
    reply(request) {
      const asked = place.read(request)
      return typeof asked === 'string' && asked !== '' ? echo(asked) : { reject: 'challenge-malformed', status: 400 }
    }
  }
}
