/** Another process that keeps a SQLite file locked for writing until it is told to go. */
import { DatabaseSync } from 'node:sqlite'

const db = new DatabaseSync(process.argv[2]!, { timeout: 10_000 })
db.exec('BEGIN IMMEDIATE')
process.send!('locked')
process.on('message', () => {
  db.exec('ROLLBACK')
  db.close()
  process.disconnect()
})
process.on('disconnect', () => process.exit())
