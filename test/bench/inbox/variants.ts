import { DatabaseSync } from 'node:sqlite'
import type { Store } from '../../../src/store/store.ts'
import { addingOnly } from './adding-only.ts'
import { countRecords, PlainFile } from './plain-file.ts'
import type { Rival } from './rivals.ts'

/** Where the variants keep what they get. */
export interface Place {
  /** An empty folder of the variant's own. */
  readonly folder: string
  /** Of a PostgreSQL. */
  readonly url?: string
  /** Of a Redis. */
  readonly redis?: number
}

export interface Variant {
  readonly store: Store | undefined
  /** How many it has, asked past the code that is measured. */
  stored(): Promise<number>
}

export type VariantName = keyof typeof variants

export const variants = {
  async 'no inbox'(): Promise<Variant> {
    return { store: undefined, stored: async () => 0 }
  },

  async sqlite({ folder }: Place): Promise<Variant> {
    const { sqlite } = await import('../../../src/store/sqlite.ts')
    const path = `${folder}/webhooks.db`
    return {
      store: sqlite(path),
      async stored() {
        const db = new DatabaseSync(path, { readOnly: true })
        try {
          // In one statement: what was under way when the client stopped is stored meanwhile.
          const { deliveries, requests } = db
            .prepare(
              'SELECT (SELECT count(*) FROM deliveries) AS deliveries, (SELECT count(*) FROM requests) AS requests'
            )
            .get()!
          if (deliveries !== requests) throw new Error(`${deliveries} deliveries of ${requests} requests`)
          return Number(deliveries)
        } finally {
          db.close()
        }
      }
    }
  },

  async 'plain file'({ folder }: Place): Promise<Variant> {
    const path = `${folder}/webhooks.log`
    return { store: addingOnly(path, new PlainFile(path)), stored: () => countRecords(path) }
  },

  async postgres({ url }: Place): Promise<Variant> {
    const { postgres } = await import('../../../src/store/postgres.ts')
    return { store: postgres(url!), stored: counting(url!, 'posthorn.deliveries') }
  },

  'one INSERT each': ({ url }: Place) => rival(url!, ({ insertEach }) => insertEach),
  'pg-boss send': ({ url }: Place) => rival(url!, ({ pgBoss }) => pgBoss),
  'graphile-worker add_job': ({ url }: Place) => rival(url!, ({ graphileWorker }) => graphileWorker),

  async 'BullMQ add'({ redis }: Place): Promise<Variant> {
    const { bullmq } = await import('./rivals.ts')
    const { adding, stored } = bullmq(redis!)
    return { store: addingOnly('BullMQ', adding), stored }
  }
}

/** Loaded only where they run: each server is measured with its own memory. */
async function rival(
  url: string,
  which: (rivals: typeof import('./rivals.ts')) => (url: string) => Rival
): Promise<Variant> {
  const { name, adding, table } = which(await import('./rivals.ts'))(url)
  return { store: addingOnly(name, adding), stored: counting(url, table) }
}

function counting(url: string, table: string): () => Promise<number> {
  return async () => {
    const { Client } = (await import('pg')).default
    const client = new Client(url)
    await client.connect()
    try {
      const { rows } = await client.query(`SELECT count(*)::int AS count FROM ${table}`)
      return rows[0].count
    } finally {
      await client.end()
    }
  }
}
