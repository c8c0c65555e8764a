import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';

/** Statements by schema version: entry n brings version n to n+1. Entries are never edited, only appended. */
const migrations: readonly string[] = [
  `
  CREATE TABLE containers (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, project TEXT NOT NULL, service TEXT NOT NULL, number INTEGER NOT NULL,
    one_off INTEGER NOT NULL, image_id TEXT NOT NULL, created_at TEXT NOT NULL,
    desired TEXT NOT NULL CHECK (desired IN ('running', 'stopped')),
    spec TEXT NOT NULL  -- StoredContainer as JSON, see docs/state.md
  ) STRICT;
  CREATE INDEX containers_project ON containers (project);
  CREATE TABLE networks (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, project TEXT, bridge TEXT NOT NULL UNIQUE, spec TEXT NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE subnets (
    network TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE, cidr TEXT NOT NULL, gateway TEXT NOT NULL,
    PRIMARY KEY (network, cidr)
  ) STRICT;
  CREATE TABLE leases (
    network TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE, address TEXT NOT NULL,
    container TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE, PRIMARY KEY (network, address)
  ) STRICT;
  CREATE TABLE published_ports (
    container TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE, host_ip TEXT NOT NULL, host_port INTEGER NOT NULL,
    protocol TEXT NOT NULL, container_port INTEGER NOT NULL, PRIMARY KEY (container, host_ip, host_port, protocol)
  ) STRICT;
  CREATE TABLE volumes (
    name TEXT PRIMARY KEY, project TEXT, anonymous INTEGER NOT NULL, spec TEXT NOT NULL, created_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE volume_uses (
    volume TEXT NOT NULL REFERENCES volumes (name), container TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
    PRIMARY KEY (volume, container)
  ) STRICT;
  CREATE TABLE images (
    id TEXT PRIMARY KEY,       -- sha256 of the config blob
    digest TEXT NOT NULL,      -- sha256 of the manifest blob
    config TEXT NOT NULL,      -- image config JSON
    created_at TEXT NOT NULL, size_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE image_references (
    reference TEXT PRIMARY KEY, image TEXT NOT NULL REFERENCES images (id), tagged_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE layers (
    chain_id TEXT PRIMARY KEY, diff_id TEXT NOT NULL, directory TEXT NOT NULL UNIQUE, size_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE image_layers (
    image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE, position INTEGER NOT NULL,
    chain_id TEXT NOT NULL REFERENCES layers (chain_id), blob TEXT NOT NULL, media_type TEXT NOT NULL,
    PRIMARY KEY (image, position)
  ) STRICT;
  CREATE TABLE image_users (
    image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE, request TEXT NOT NULL, answer TEXT NOT NULL,
    PRIMARY KEY (image, request)
  ) STRICT;
  `,
  `
  ALTER TABLE published_ports ADD COLUMN container_ip TEXT;   -- where the port leads; NULL: the family has no address
  ALTER TABLE published_ports ADD COLUMN container_ip6 TEXT;
  `,
  `
  CREATE TABLE build_cache (
    key TEXT PRIMARY KEY,      -- digest of an instruction, what it works on and what it copies
    image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,  -- without a name: the files afterwards
    title TEXT NOT NULL, size_bytes INTEGER NOT NULL, created_at TEXT NOT NULL, used_at TEXT NOT NULL, uses INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX build_cache_image ON build_cache (image);
  CREATE TABLE build_mounts (
    directory TEXT PRIMARY KEY, -- below build-caches/
    id TEXT NOT NULL, created_at TEXT NOT NULL, used_at TEXT NOT NULL, uses INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE image_variants (  -- a name's images for other platforms
    reference TEXT NOT NULL, image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE, position INTEGER NOT NULL,
    PRIMARY KEY (reference, image)
  ) STRICT;
  CREATE INDEX image_variants_image ON image_variants (image);
  CREATE TRIGGER image_references_gone AFTER DELETE ON image_references
    BEGIN DELETE FROM image_variants WHERE reference = OLD.reference; END;
  CREATE TRIGGER image_references_moved AFTER UPDATE OF image ON image_references WHEN OLD.image <> NEW.image
    BEGIN DELETE FROM image_variants WHERE reference = OLD.reference; END;
  `,
];

/** How long a command waits for another's transaction. */
const patienceMs = 10_000;
/** SQLITE_BUSY of sqlite3.h. */
const sqliteBusy = 5;

/** Opens (and creates, mode 0700 directory) the state database; a newer schema than this program knows is `engine.state-newer`. */
export function openDatabase(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: patienceMs });
  useWriteAheadLog(database);
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
  const version = schemaVersion(database);
  if (version > migrations.length) {
    database.close();
    throw new TscomposeError(diagnose('engine.state-newer', { path, schema: version }));
  }
  if (version < migrations.length) migrate(database);
  return database;
}

/** The first one to open a new database changes its mode, for which it must be alone: SQLite does not wait for that by itself. */
function useWriteAheadLog(database: DatabaseSync): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; ; waitedMs += 20) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      const isLocked = error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
      if (!isLocked || waitedMs >= patienceMs) throw error;
      Atomics.wait(pause, 0, 0, 20);
    }
  }
}

/** Runs `body` in one immediate transaction; rolls back when it throws. */
export function transaction<T>(database: DatabaseSync, body: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = body();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk has rolled it back already; a second time would hide the reason.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function migrate(database: DatabaseSync): void {
  transaction(database, () => {
    // Read again inside the transaction: another process may have migrated meanwhile.
    for (let version = schemaVersion(database); version < migrations.length; version++) {
      database.exec(migrations[version] ?? '');
      database.exec(`PRAGMA user_version = ${version + 1}`);
    }
  });
}

function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}
