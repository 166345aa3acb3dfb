import { Queue as Jobs, Worker } from 'bullmq'
import { type CloudEvent, on } from 'posthorn'
import { Queue } from 'posthorn/handlers/queue'
import { github } from 'posthorn/receivers/github'

type Redis = { host: string; port: number }

/** Give its handler to the plugin, and close the queue after the server. */
export async function producer(redis: Redis) {
  // Without Redis it fails at once, and the provider tries again; an offline queue would hold the event in memory.
  const jobs = new Jobs<CloudEvent>('webhooks', { connection: { ...redis, enableOfflineQueue: false } })
  jobs.on('error', error => console.error(error))
  await jobs.waitUntilReady()
  const handler = new Queue({
    accepts: [on(github, '**')],
    enqueue: event => {
      const jobId = encodeURIComponent(`${event.source}/${event.id}`) // without `:`, which BullMQ does not take
      const removeOnComplete = { age: 7 * 24 * 3600 } // seconds in which a redelivery is known to be one
      return jobs.add(event.type, event, { jobId, removeOnComplete, attempts: 10, backoff: 10_000 })
    }
  })
  return { handler, jobs }
}

/** In any process. An event may come more than once: let `work` be safe for that. */
export function consumer(redis: Redis, work: (event: CloudEvent) => Promise<void>) {
  return new Worker<CloudEvent>('webhooks', job => work(job.data), { connection: redis })
}
