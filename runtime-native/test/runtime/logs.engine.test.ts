// timeout: 180s
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogEntry, LogQuery } from '#core/engine/specs.ts';
import { type EngineFixture, engineFixture } from '../engine-fixture.ts';

async function entries(fixture: EngineFixture, id: string, query: Partial<LogQuery> = {}): Promise<readonly LogEntry[]> {
  const found: LogEntry[] = [];
  for await (const entry of fixture.engine.logs(id, { follow: false, ...query })) found.push(entry);
  return found;
}

test('logs: every byte is told, whatever it is; a follower over quick rotations has every line once', async () => {
  await using fixture = await engineFixture();
  const bytes = await fixture.create('bytes', {
    command: [
      'sh',
      '-c',
      "printf 'a\\000b\\377\\033[1m\\n\\303\\251\\n\\n'; head -c 20000 /dev/zero | tr '\\000' y; echo; echo wrong >&2; printf unfinished",
    ],
  });
  await fixture.engine.startContainer(bytes);
  const all = await entries(fixture, bytes, { follow: true });
  const texts = all
    .filter((one) => one.stream === 'stdout')
    .map(({ text, partial }) => [text.length > 100 ? text.length : text, partial]);
  assert.equal(texts, [
    ['a\0b\uFFFD\x1b[1m', false],
    ['é', false],
    ['', false],
    [16_384, true],
    [20_000 - 16_384, false],
    ['unfinished', true],
  ]);
  assert.equal(
    all.filter((one) => one.stream === 'stderr').map((one) => one.text),
    ['wrong'],
  );
  assert.equal(await entries(fixture, bytes, { sinceMs: Date.now() + 60_000 }), []);
  assert.is((await entries(fixture, bytes, { untilMs: Date.now() + 60_000 })).length, all.length);

  const lineCount = 20_000;
  const fast = await fixture.create('fast', {
    command: ['sh', '-c', `seq ${lineCount}`],
    logging: { driver: 'json-file', options: { 'max-size': '50k', 'max-file': '100', compress: 'true' } },
  });
  await fixture.engine.startContainer(fast);
  const followed = await entries(fixture, fast, { follow: true });
  assert.equal(
    followed.map((one) => one.text),
    Array.from({ length: lineCount }, (_, index) => String(index + 1)),
  );
  assert.ok(readdirSync(join(fixture.root, 'containers', fast)).length > 20, 'many files');
  assert.is((await entries(fixture, fast, { tail: 5000 }))[0]?.text, String(lineCount - 4999));
});

test.run();
