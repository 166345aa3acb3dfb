/** How people do it today: a row for each request, or a job for each in one of the well-known queues. */
import { Queue } from 'bullmq'
import { makeWorkerUtils, type WorkerUtils } from 'graphile-worker'
import pg from 'pg'
import PgBoss from 'pg-boss'
import { type Adding, jobOf } from './adding-only.ts'

/** Connections of each; `pg`'s and everybody's default. */
const POOL = 10

export interface Rival {
  readonly name: string
  readonly adding: Adding
  /** Where its jobs stand. */
  readonly table: string
}

export function insertEach(url: string): Rival {
  const pool = new pg.Pool({ connectionString: url, max: POOL })
  const insert = {
    name: 'insert',
    text: `
      INSERT INTO webhooks (receiver, instance, id, event, subject, account, received_at, method, url, headers, body)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (receiver, instance, id) DO NOTHING`
  }
  return {
    name: 'one INSERT each',
    table: 'webhooks',
    adding: {
      async open() {
        await pool.query(`
          CREATE TABLE webhooks (
            seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
            receiver text NOT NULL, instance text NOT NULL, id text, event text NOT NULL, subject text, account text,
            received_at bigint NOT NULL, method text NOT NULL, url text NOT NULL, headers json NOT NULL, body bytea NOT NULL,
            done boolean NOT NULL DEFAULT false,
            UNIQUE (receiver, instance, id)
          )`)
      },
      close: () => pool.end(),
      add({ receiver, instance, receivedAt, request, deliveries }) {
        const { event, id, subject, account } = deliveries[0]!
        const { method, url, headers, body } = request
        const described = [receiver, instance, id, event, subject, account, receivedAt]
        return pool.query({ ...insert, values: [...described, method, url, JSON.stringify(headers), body] })
      }
    }
  }
}

export function pgBoss(url: string): Rival {
  const boss = new PgBoss({ connectionString: url, max: POOL, supervise: false, schedule: false })
  return {
    name: 'pg-boss',
    table: 'pgboss.job',
    adding: {
      async open() {
        await boss.start()
        await boss.createQueue('webhooks')
      },
      close: () => boss.stop({ graceful: false }),
      add: arrival => boss.send('webhooks', jobOf(arrival))
    }
  }
}

export function graphileWorker(url: string): Rival {
  let utils: WorkerUtils
  return {
    name: 'graphile-worker',
    table: 'graphile_worker._private_jobs',
    adding: {
      async open() {
        utils = await makeWorkerUtils({ connectionString: url, maxPoolSize: POOL })
        await utils.migrate()
      },
      async close() {
        await utils.release()
      },
      add: arrival => utils.addJob('webhook', jobOf(arrival))
    }
  }
}

export function bullmq(port: number): { adding: Adding; stored(): Promise<number> } {
  const queue = new Queue('webhooks', { connection: { host: '127.0.0.1', port } })
  return {
    adding: {
      close: () => queue.close(),
      add: arrival => queue.add('webhook', jobOf(arrival))
    },
    stored: () => queue.getWaitingCount()
  }
}
