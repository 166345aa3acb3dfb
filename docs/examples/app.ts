import { type DeliveryOf, handles, on, type WebhooksOptions } from 'posthorn'
import { github } from 'posthorn/receivers/github'

class Label extends handles(on(github, 'issues.opened')) {
  readonly name = 'label'
  async handle({ data }: DeliveryOf<Label['accepts']>) {
    console.log('labels', data.issue.title)
  }
}

/** For the server, as `app.register(webhooks, options)`, and for `posthorn --app` and `posthorn work`. */
export default { receivers: [github], handlers: [new Label()] } satisfies WebhooksOptions
