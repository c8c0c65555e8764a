// timeout: 300s
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printDiagnostic } from '#core/diagnostics/print.ts';
import { type Files, failure, failures, model, type Options, projectFixture } from './project-fixture.ts';

/** The failure of a hostile input, which must cost at most a few seconds of processor time: a busy machine must not matter. */
async function quickFailure(files: Files, options: Options = {}): Promise<string> {
  const start = process.cpuUsage();
  const text = await failure(files, options);
  const { user, system } = process.cpuUsage(start);
  const took = (user + system) / 1000;
  assert.ok(took < 5000, `took ${took} ms of processor time`);
  return text;
}

test('aliases of aliases of aliases', async () => {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const items = level === 0 ? Array(9).fill('lol') : Array(9).fill(`*a${level - 1}`);
    return `x-${level}: &a${level} [${items.join(', ')}]`;
  });
  assert.is(await quickFailure(levels.join('\n')), 'load.too-large file refused: excessive aliasing');
});

test('merge keys that pile up', async () => {
  const maps = Array.from({ length: 9000 }, (_, at) => `x-${at}: &m${at} {${at > 0 ? `<<: *m${at - 1}, ` : ''}k${at}: v}`);
  assert.is(await quickFailure(maps.join('\n')), 'load.too-large file refused: excessive aliasing');
});

test('a moderate use of aliases is fine', async () => {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const items = level === 0 ? Array(3).fill('lol') : Array(3).fill(`*a${level - 1}`);
    return `x-${level}: &a${level} [${items.join(', ')}]`;
  });
  await model(`${levels.join('\n')}\nservices: {a: {image: i}}`);
});

test('too many values', async () => {
  const text = `x-a:\n${'- a\n'.repeat(101_000)}`;
  assert.is(await quickFailure(text), 'load.too-large file refused: more than 100000 values');
});

test('400 services with 122 variables each are not too many', async () => {
  const variables = Array.from({ length: 122 }, (_, at) => `      V${at}: "${at}"\n`).join('');
  const services = Array.from({ length: 400 }, (_, at) => `  s${at}:\n    image: i\n    environment:\n${variables}`);
  assert.is(Object.keys((await model(`services:\n${services.join('')}`)).services).length, 400);
});

for (const [what, text] of [
  ['lists in lists', `x-a: ${'['.repeat(100_000)}`],
  ['mappings in mappings', `x-a: ${'{a: '.repeat(50_000)}`],
  ['dashes', `x-a:\n  ${'- '.repeat(20_000)}x`],
  ['question marks', `${'? '.repeat(20_000)}x`],
  ['indentation', Array.from({ length: 1500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
] as const) {
  test(`deep nesting: ${what}`, async () =>
    assert.match(await quickFailure(text), /^load.too-large file refused: nesting deeper than/));
}

test('ten megabytes of one text are just a long text', async () => {
  const long = 'x'.repeat(10 * 1024 * 1024);
  const { configs } = await model(`services: {a: {image: i, configs: [c]}}\nconfigs:\n  c:\n    content: ${long}\n`);
  assert.is(configs.c.content.length, long.length);
});

test('ten megabytes of lines', async () => {
  assert.match(await quickFailure(`services:\n${'  a: {image: i}\n'.repeat(700_000)}`), /^load.too-large/);
});

test('a file beyond all measure is not read', async () => {
  await using fixture = await projectFixture({});
  execFileSync('truncate', ['-s', '1G', join(fixture.directory, 'compose.yaml')]);
  await fixture.load().then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, /larger than 32 MiB/),
  );
});

test('devices and pipes are not waited for', async () => {
  assert.match(await quickFailure('services: {a: {image: i, env_file: /dev/zero}}'), /is not a regular file/);
  assert.match(await quickFailure('include: [/dev/zero]'), /is not a regular file/);
  assert.match(await quickFailure('services: {a: {extends: {file: /dev/zero, service: x}}}'), /is not a regular file/);
  await using fixture = await projectFixture('services: {a: {image: i, env_file: fifo}}');
  execFileSync('mkfifo', [join(fixture.directory, 'fifo')]);
  await fixture.load().then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, /is not a regular file/),
  );
  assert.match(await quickFailure({ x: '' }, { files: ['/dev/zero'] }), /larger than 32 MiB/);
});

test('binary garbage', async () => {
  await using fixture = await projectFixture({});
  for (let round = 0; round < 20; round++) {
    await writeFile(join(fixture.directory, 'compose.yaml'), randomBytes(20_000));
    await fixture.load().then(
      () => assert.unreachable(),
      (error) => assert.is(error.name, 'TscomposeError'),
    );
  }
  assert.match(await failure('services:\n  a: "\0"\n'), /^load.not-text/);
});

test('a long chain of extends, and one across many files', async () => {
  const chain = (length: number) =>
    `services:\n  s0: {image: i}\n${Array.from({ length }, (_, at) => `  s${at + 1}: {extends: s${at}}\n`)
      .reverse()
      .join('')}`;
  assert.is(Object.keys((await model(chain(150))).services).length, 151);
  assert.match(await quickFailure(chain(5000)), /^load.extends-depth/);
});

test('variables that double each other', async () => {
  const lines = ['A0=xxxxxxxxxxxxxxxx', ...Array.from({ length: 40 }, (_, at) => `A${at + 1}=$A${at}$A${at}`)];
  assert.match(
    await quickFailure({ 'compose.yaml': 'services: {a: {image: i}}', '.env': lines.join('\n') }),
    /longer than 16777216 characters/,
  );
});

test('endless digits and blanks', async () => {
  const digits = '1'.repeat(1_000_000);
  assert.match(await quickFailure(`services: {a: {image: i, mem_limit: "${digits}"}}`), /invalid size/);
  assert.match(await quickFailure(`services: {a: {image: i, stop_grace_period: "${digits}"}}`), /is not a duration/);
  assert.match(await quickFailure(`services: {a: {image: i, scale: ${digits}}}`), /^load/);
  await model({
    'compose.yaml': 'services: {a: {image: i, env_file: e}}',
    e: `A=${' '.repeat(500_000)}x${' '.repeat(500_000)}y`,
  });
});

test('thousands of mistakes are counted, not explained', async () => {
  const services = Array.from({ length: 5000 }, (_, at) => `  s${at}: {imagee${at}: i}\n`).join('');
  const found = await failures(`services:\n${services}`);
  assert.is(found.length, 21);
  assert.match(found[20]?.message ?? '', /^\d+ more errors/);
});

test('names with terminal escapes are printed harmlessly', async () => {
  const found = await failures('services:\n  "a\\e[31m": {image: i}\n  b: {"\\e]0;x\\a": 1, image: i}\n');
  for (const one of found) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
    assert.not.match(printDiagnostic(one, { color: false }), /[\u001b\u0007]/);
  }
  assert.is(found.length, 2);
});

test('names of built-in properties are names like others', async () => {
  const { services, networks } = await model(
    'services:\n  constructor: {image: i, networks: [toString], labels: {__proto__: x, hasOwnProperty: y}}\n  __proto__: {image: i, networks: [toString]}\nnetworks: {toString: }',
  );
  assert.equal(Object.keys(services), ['__proto__', 'constructor']);
  assert.equal(Object.entries(services.constructor.labels), [
    ['__proto__', 'x'],
    ['hasOwnProperty', 'y'],
  ]);
  assert.equal(Object.keys(networks), ['toString']);
  assert.match(
    await failure('services: {a: {image: i, depends_on: [constructor]}}'),
    /depends on undefined service "constructor"/,
  );
  assert.match(await failure('services: {a: {image: i, networks: [valueOf]}}'), /undefined network "valueOf"/);
});

test.run();
