import { echo, header, type Receiver, text, token } from '../src/kit.ts'

/**
 * Forms and orders of sites built with Tilda. Signs nothing: an API key in the header `X-Api-Key` is the only proof, so
 * HTTPS is a must. A new URL is checked by `test=test`, perhaps without the key: it hears `ok`, as everything does. The
 * fields are the form's own. No time.
 */
export const tilda: Receiver<'tilda', TildaEvents> = {
  name: 'tilda',
  docs: 'https://help.tilda.cc/forms/webhook',
  scheme: token(header('x-api-key'), { min: 16 }),
  body: ['form', 'json'],
  handshakes: [
    {
      trust: 'unsigned',
      reply: ({ body }) => (Buffer.from(body).toString('latin1') === 'test=test' ? echo('ok') : undefined)
    }
  ],
  describe({ body }) {
    const id = text(body.tranid)
    return {
      event: id && (body.payment === undefined ? 'form' : 'order'),
      id,
      subject: text(body.formid)
    }
  },
  accepted: echo('ok')
}

export interface TildaEvents {
  form: TildaForm
  order: TildaForm & { payment: any }
}

/** And the fields of the form, such as `Name`, `Email`, `Phone`. */
export interface TildaForm {
  tranid: string
  formid: string
  COOKIES?: string
  [field: string]: any
}
