/** Registers tests for each engine; one PostgreSQL serves all tests of a file. */
import { after, type TestContext, test } from 'node:test'
import { type Database, startPostgres } from './postgres.ts'
import { World } from './world.ts'

let database: Promise<Database> | undefined
after(async () => (await database?.catch(() => undefined))?.stop())

type Body = (world: World, test: TestContext) => Promise<void>

/** A test on SQLite, and the same on PostgreSQL. */
export function onEachEngine(sentence: string, body: Body): void {
  onSqlite(`SQLite: ${sentence}`, body)
  test(`PostgreSQL: ${sentence}`, async context => {
    const started = await postgresFor(context)
    if (started !== undefined) await within(new World(started), context, body)
  })
}

export function onSqlite(sentence: string, body: Body): void {
  test(sentence, context => within(new World(), context, body))
}

/** One for all tests of a file. Undefined, and said aloud, where it can't run here. */
export async function postgresFor(context: TestContext): Promise<Database | undefined> {
  try {
    database ??= startPostgres()
    return await database
  } catch (error) {
    const message = `NOT TESTED on PostgreSQL, which could not be started: ${(error as Error | undefined)?.message}`
    console.error(`!! ${message}`)
    context.skip(message)
    return undefined
  }
}

async function within(world: World, context: TestContext, body: Body): Promise<void> {
  try {
    await body(world, context)
  } finally {
    await world.end()
  }
}
