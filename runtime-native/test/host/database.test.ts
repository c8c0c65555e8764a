import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openDatabase } from '#runtime/host/database.ts';

test('a database that another process is making is waited for', async () => {
  const directory = mkdtempSync('/tmp/tsc-database-');
  try {
    const path = join(directory, 'state.db');
    const script = `
      const database = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
      database.exec('BEGIN EXCLUSIVE; CREATE TABLE t (x)');
      console.log('locked');
      setTimeout(() => { database.exec('ROLLBACK'); process.exit(); }, 300);`;
    const other = spawn(process.execPath, ['--no-warnings', '-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(other, 'exit');
    await once(other.stdout, 'data');
    const database = openDatabase(path);
    assert.is(database.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal');
    assert.is(database.prepare('SELECT count(*) AS n FROM containers').get()?.['n'], 0);
    database.close();
    await ended;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test.run();
