import { type Delivery, type HandlerContext, handles, on } from '../src/kit.ts'

/** Logs every delivery, before other handlers, and without its payload: that holds other people's data. */
export class Log extends handles(on('**')) {
  readonly name = 'log'
  override readonly order = 0

  handle({ occurredAt, subject, account }: Delivery, { log }: HandlerContext): void {
    log.info({ occurredAt, subject, account }, 'delivery received')
  }
}
