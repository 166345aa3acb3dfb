import { randomBytes } from 'node:crypto'
import type { Connection } from './connection.ts'
import { Trouble } from './problem.ts'

/**
 * Each brings the schema from its index to the next number. Released ones never change. What a version adds must let the
 * one before go on working: for a while both run on the same file.
 *
 * A waiting delivery that can't be taken before another of its order is `held`: it stands in no index of what is due, so
 * that a long queue behind one delivery costs nothing.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE store (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;

  CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL
  ) STRICT;

  CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    request INTEGER NOT NULL,
    receiver TEXT NOT NULL,
    instance TEXT NOT NULL,
    event TEXT NOT NULL,
    id TEXT,
    key TEXT,
    position INTEGER NOT NULL,
    occurred_at INTEGER,
    received_at INTEGER NOT NULL,
    subject TEXT,
    account TEXT,
    data TEXT,
    order_key TEXT,
    kind TEXT NOT NULL,
    secret INTEGER NOT NULL,
    size INTEGER NOT NULL,
    state TEXT NOT NULL, -- waiting, held, running, done, dead, ignored
    due INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    lapses INTEGER NOT NULL DEFAULT 0,
    worker TEXT,
    lease_until INTEGER,
    fence INTEGER NOT NULL DEFAULT 0,
    progress TEXT NOT NULL DEFAULT '',
    history TEXT NOT NULL DEFAULT '',
    error TEXT,
    duplicates INTEGER NOT NULL DEFAULT 0,
    replay TEXT,
    settled_at INTEGER
  ) STRICT;

  -- What makes a duplicate. The key comes first, so that a search by id finds its way here too.
  CREATE UNIQUE INDEX deliveries_key ON deliveries (key, receiver, instance, position) WHERE key IS NOT NULL;
  CREATE INDEX deliveries_id ON deliveries (id) WHERE id IS NOT NULL AND id IS NOT key;
  CREATE INDEX deliveries_subject ON deliveries (subject) WHERE subject IS NOT NULL;
  CREATE INDEX deliveries_request ON deliveries (request);

  -- What is active. None of them grows with what is stored.
  CREATE INDEX deliveries_due ON deliveries (receiver, lapses >= 1, due) WHERE state = 'waiting';
  CREATE INDEX deliveries_lease ON deliveries (receiver, lapses >= 1, lease_until) WHERE state = 'running';
  CREATE INDEX deliveries_order ON deliveries (order_key, seq)
    WHERE order_key IS NOT NULL AND state IN ('waiting', 'held', 'running');
  CREATE INDEX deliveries_held ON deliveries (receiver, due) WHERE state = 'held';

  -- What has ended: for retention, in the order of arrival, and for counting.
  CREATE INDEX deliveries_ended ON deliveries (received_at, seq, receiver, state) WHERE state IN ('done', 'dead', 'ignored');
  CREATE INDEX deliveries_dead ON deliveries (state) WHERE state IN ('dead', 'ignored');
  CREATE INDEX deliveries_duplicates ON deliveries (duplicates) WHERE duplicates > 0;

  CREATE TABLE paused (receiver TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

  CREATE TABLE rejected (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    receiver TEXT NOT NULL,
    instance TEXT NOT NULL,
    stage TEXT NOT NULL,
    reason TEXT NOT NULL,
    hint TEXT,
    size INTEGER NOT NULL,
    secret_hash TEXT,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE rejected_counts (
    receiver TEXT NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (receiver, reason)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What is done and came last, behind however many that wait.
  CREATE INDEX deliveries_done ON deliveries (state) WHERE state = 'done';
  `
]

/** Brings the file to this code's schema. Processes that start at once take turns. */
export function migrate(db: Connection): void {
  const version = (): number => {
    const found = db.one('PRAGMA user_version')![0] as number
    const known = migrations.length
    if (found > known) throw new Trouble({ kind: 'too-new', found, known })
    return found
  }
  if (version() < migrations.length) {
    db.transaction(() => {
      for (const migration of migrations.slice(version())) db.exec(migration)
      db.run(`INSERT INTO store VALUES ('pepper', ?) ON CONFLICT DO NOTHING`, randomBytes(32))
      db.exec(`PRAGMA user_version = ${migrations.length}`)
    })
  }
}
