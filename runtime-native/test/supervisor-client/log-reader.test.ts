import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogQuery } from '#core/engine/specs.ts';
import { readLog } from '#runtime/supervisor-client/log-reader.ts';

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

test.run();
