import { lstatSync, mkdtempSync, readdirSync, rmSync, type Stats, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contentStamps } from '#runtime/builder/content-stamps.ts';

const old = Date.now() - 60_000;

/** A stat of a file that was last touched a minute ago. */
function stat(changes: Partial<Stats> = {}): Stats {
  return { dev: 1, ino: 2, size: 3, mtimeMs: old, ctimeMs: old, ...changes } as Stats; // what is looked at of it
}

test('a digest is known as long as nothing of the file has changed', () => {
  const directory = mkdtempSync('/tmp/tsc-stamps-');
  try {
    const paths = { contentStamps: join(directory, 'stamps') };
    const first = contentStamps(paths, '/src');
    assert.is(first.look('a', stat()), undefined);
    first.learn('a', 'digest of a');
    first.save();
    const open = () => contentStamps(paths, '/src');
    assert.is(open().look('a', stat()), 'digest of a');
    for (const change of [{ dev: 9 }, { ino: 9 }, { size: 9 }, { mtimeMs: old - 1 }, { ctimeMs: old + 0.001 }])
      assert.is(open().look('a', stat(change)), undefined, JSON.stringify(change));
    assert.is(open().look('b', stat()), undefined);
    assert.is(contentStamps(paths, '/other').look('a', stat()), undefined);

    // What is gone is forgotten, what is new is added.
    const second = open();
    second.look('b', stat());
    second.learn('b', 'digest of b');
    second.save();
    assert.equal([open().look('a', stat()), open().look('b', stat())], [undefined, 'digest of b']);

    for (const name of readdirSync(paths.contentStamps)) writeFileSync(join(paths.contentStamps, name), 'nonsense\nb\n');
    assert.is(open().look('b', stat()), undefined);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('what was changed just now is not remembered, whatever time the content claims', () => {
  const directory = mkdtempSync('/tmp/tsc-stamps-');
  try {
    const path = join(directory, 'file');
    writeFileSync(path, 'one');
    utimesSync(path, 1, 1);
    const paths = { contentStamps: join(directory, 'stamps') };
    const stamps = contentStamps(paths, directory);
    stamps.look('file', lstatSync(path));
    stamps.learn('file', 'digest');
    stamps.save();
    assert.is(contentStamps(paths, directory).look('file', lstatSync(path)), undefined);
    // A name that would be two lines.
    stamps.look('a\nb', stat());
    stamps.learn('a\nb', 'digest');
    stamps.save();
    assert.is(contentStamps(paths, directory).look('a\nb', stat()), undefined);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
