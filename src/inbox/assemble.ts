import type { Handlers } from '../chain.ts'
import type { CredentialsLookup } from '../config/credentials.ts'
import type { Logger } from '../handler.ts'
import type { WebhooksOptions } from '../options.ts'
import type { AnyReceiver } from '../receiver.ts'
import type { Store } from '../store/store.ts'
import { monitored } from './health.ts'
import { Inbox, type InboxParts } from './inbox.ts'
import { Intake } from './intake.ts'
import { Janitor } from './janitor.ts'
import { Worker } from './worker/worker.ts'

const DAY = 86_400_000

export interface Parts extends Pick<WebhooksOptions, 'worker' | 'order' | 'retention' | 'keepRejected'> {
  readonly store: Store
  readonly receivers: ReadonlyMap<string, AnyReceiver>
  readonly handlers: Handlers
  readonly credentials: CredentialsLookup
  /** The configured ones. */
  readonly instances: NonNullable<InboxParts['instances']>
  readonly fetch: typeof fetch
  readonly log: Logger
}

/** All that belongs to an inbox, and when it begins and ends. */
export interface Assembled {
  readonly intake: Intake
  readonly inbox: Inbox
  /** Connects, migrates, and checks the handlers. */
  open(): Promise<void>
  /** The worker goes to work, unless another process has it. */
  start(): void
  /** No new claims; what runs, runs on. */
  stop(): void
  /** Lets what runs come to its end, hands back the rest, and closes the store. */
  close(): Promise<void>
}

export function assemble(parts: Parts): Assembled {
  const { receivers, handlers, credentials, instances, fetch, order, keepRejected, retention = 30, log } = parts
  const store = monitored(parts.store, log)
  let pepper: Uint8Array = new Uint8Array()
  const worker = new Worker({ store, receivers, handlers, log, options: parts.worker || {} })
  const janitor = new Janitor({ store, log, retention: retention * DAY })
  const inbox = new Inbox({
    store,
    receivers,
    instances,
    order,
    worker,
    keepRejected,
    log,
    pepper: () => pepper,
    async credentialsFor(receiver, instance) {
      const found = await credentials.credentialsFor(receiver, instance)
      return found && { secrets: found.secrets, settings: found.settings, fetch }
    }
  })
  return {
    intake: new Intake({ store, handlers, worker, order }),
    inbox,
    async open() {
      worker.check()
      pepper = (await store.open()).pepper
      await worker.recover()
      janitor.start()
    },
    start() {
      if (parts.worker !== false) worker.start()
    },
    stop: () => worker.stop(),
    async close() {
      await worker.close()
      await janitor.stop()
      await inbox.rejected.close()
      await store.close()
    }
  }
}
