import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogQuery } from '#core/engine/specs.ts';
import type { LogFile } from '#runtime/supervisor-client/log-files.ts';
import { readLog } from '#runtime/supervisor-client/log-reader.ts';
import { lastLines } from '#runtime/supervisor-client/log-tail.ts';

const line = (text: string, second = 0) =>
  `${JSON.stringify({ log: text, stream: 'stdout', time: `2026-01-01T00:00:0${second}.000000000Z` })}\n`;

function scratch(): { readonly path: string } & Disposable {
  const directory = mkdtempSync('/tmp/tscl-');
  return { path: join(directory, 'log'), [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}

async function texts(path: string, query: Partial<LogQuery>): Promise<readonly string[]> {
  const found: string[] = [];
  const request = { path, query: { follow: false, ...query }, isOpen: () => false };
  for await (const entry of readLog(request)) found.push(entry.text);
  return found;
}

test('rotated files come first, and an unfinished last line is not shown', async () => {
  using log = scratch();
  writeFileSync(`${log.path}.1`, line('a\n') + line('b\n'));
  writeFileSync(log.path, `${line('c\n')}{"log":"unfin`);
  assert.equal(await texts(log.path, {}), ['a', 'b', 'c']);
  assert.equal(await texts(log.path, { tail: 2 }), ['b', 'c']);
  assert.equal(await texts(log.path, { tail: 0 }), []);
});

test('compressed files are read like the others, and a damaged one is passed over', async () => {
  using log = scratch();
  writeFileSync(`${log.path}.3.gz`, 'no archive');
  writeFileSync(`${log.path}.2.gz`, gzipSync(line('a\n') + line('b\n')));
  writeFileSync(`${log.path}.1`, line('c\n'));
  writeFileSync(log.path, line('d\n'));
  assert.equal(await texts(log.path, {}), ['a', 'b', 'c', 'd']);
  assert.equal(await texts(log.path, { tail: 3 }), ['b', 'c', 'd']);
});

test('tail counts whole lines, not the pieces of long ones, across read blocks', async () => {
  using log = scratch();
  writeFileSync(log.path, line('x\n') + line('long ') + line(`${'y'.repeat(100_000)}\n`) + line('z\n'));
  assert.equal(
    (await texts(log.path, { tail: 2 })).map((one) => one.slice(0, 5)),
    ['long ', 'yyyyy', 'z'],
  );
});

test('tail counts an unfinished line at the end', async () => {
  using log = scratch();
  writeFileSync(log.path, line('a\n') + line('b\n') + line('c'));
  assert.equal(await texts(log.path, { tail: 2 }), ['b', 'c']);
  assert.equal(await texts(log.path, { tail: 1 }), ['c']);
  assert.equal(await texts(log.path, { tail: 9 }), ['a', 'b', 'c']);
});

test('since and until choose by time', async () => {
  using log = scratch();
  writeFileSync(log.path, [0, 1, 2, 3].map((second) => line(`${second}\n`, second)).join(''));
  const at = (second: number) => Date.parse(`2026-01-01T00:00:0${second}Z`);
  assert.equal(await texts(log.path, { sinceMs: at(1), untilMs: at(2) }), ['1', '2']);
});

test('a follower loses no line over a rotation and ends when the log is closed', async () => {
  using log = scratch();
  writeFileSync(log.path, line('1\n'));
  let isOpen = true;
  const found: string[] = [];
  const reading = (async () => {
    const request = { path: log.path, query: { follow: true }, isOpen: () => isOpen };
    for await (const entry of readLog(request)) found.push(entry.text);
  })();
  await new Promise((resolve) => setTimeout(resolve, 50));
  appendFileSync(log.path, line('2\n'));
  renameSync(log.path, `${log.path}.1`);
  writeFileSync(log.path, line('3\n'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  isOpen = false;
  appendFileSync(log.path, line('4\n'));
  await reading;
  assert.equal(found, ['1', '2', '3', '4']);
});

test('tail unpacks nothing when younger files have enough', async () => {
  using log = scratch();
  writeFileSync(log.path, line('a\n') + line('b\n'));
  const fd = openSync(log.path, 'r');
  const closed: LogFile = { fd: -1, inode: 0, index: 1, isPacked: true }; // reading it would throw
  const end = Buffer.byteLength(line('a\n') + line('b\n'));
  const files = [closed, { fd, inode: 1, index: 0, isPacked: false }];
  assert.is((await lastLines(files, { count: 2, end })).length, 2);
  assert.instance(await lastLines(files, { count: 3, end }).catch((error: unknown) => error), Error);
  closeSync(fd);
});

test('the last lines of a compressed file are found over a file that has too few', async () => {
  using log = scratch();
  const many = Array.from({ length: 30_000 }, (_, index) => line(`${index}\n`)).join('');
  writeFileSync(`${log.path}.1.gz`, gzipSync(many));
  writeFileSync(log.path, line('z\n'));
  assert.equal(await texts(log.path, { tail: 3 }), ['29998', '29999', 'z']);
  assert.is((await texts(log.path, {})).length, 30_001);
});

test('a follower that sleeps over several rotations, with compression, misses nothing and sees nothing twice', async () => {
  using log = scratch();
  const writer = rotatingWriter(log.path);
  let isOpen = true;
  const found: string[] = [];
  const reading = (async () => {
    const request = { path: log.path, query: { follow: true }, isOpen: () => isOpen };
    for await (const entry of readLog(request)) found.push(entry.text);
  })();
  const rounds = 40;
  // Within a round the reader cannot run; three rotations happen at once, and the oldest two files are compressed.
  for (let round = 0; round < rounds; round++) {
    writer.burst();
    await new Promise((resolve) => setTimeout(resolve, round % 7));
  }
  isOpen = false;
  writer.burst();
  await reading;
  assert.equal(
    found,
    Array.from({ length: writer.written() }, (_, index) => String(index)),
  );
});

/** Rotates as the supervisor does. */
function rotatingWriter(path: string) {
  let next = 0;
  const rotate = () => {
    const names = readdirSync(dirname(path));
    for (let index = names.length; index >= 1; index--)
      for (const suffix of ['', '.gz'])
        if (names.includes(`${basename(path)}.${index}${suffix}`))
          renameSync(`${path}.${index}${suffix}`, `${path}.${index + 1}${suffix}`);
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
  };
  writeFileSync(path, '');
  return {
    burst() {
      for (let rotation = 0; rotation < 3; rotation++) {
        for (let count = 0; count < 5; count++) appendFileSync(path, line(`${next++}\n`));
        rotate();
      }
      for (const index of [3, 2]) {
        writeFileSync(`${path}.${index}.gz`, gzipSync(readFileSync(`${path}.${index}`)));
        unlinkSync(`${path}.${index}`);
      }
    },
    written: () => next,
  };
}

test('a file that starts over is read from its beginning', async () => {
  using log = scratch();
  writeFileSync(log.path, line('1\n') + line('2\n'));
  let isOpen = true;
  const found: string[] = [];
  const both = Promise.withResolvers<void>();
  const reading = (async () => {
    const request = { path: log.path, query: { follow: true }, isOpen: () => isOpen };
    for await (const entry of readLog(request)) if (found.push(entry.text) === 2) both.resolve();
  })();
  await both.promise;
  writeFileSync(log.path, line('3\n'));
  isOpen = false;
  await reading;
  assert.equal(found, ['1', '2', '3']);
});

test.run();
