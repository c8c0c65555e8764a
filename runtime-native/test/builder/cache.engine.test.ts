// timeout: 600s
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildFixture, file } from './build-fixture.ts';

const dockerfile = `FROM tscompose/busybox:1
RUN echo first > /first
COPY src /src
RUN cat /src/a > /second
LABEL version=1
`;

test('a second build does nothing; a touched file does not miss, a changed byte does', async () => {
  await using fixture = await buildFixture();
  const context = fixture.context({ Dockerfile: dockerfile, 'src/a': 'one', unused: 'x' });
  const first = await fixture.build({ context, references: ['t:1'] });
  assert.equal([first.done.length, first.cached.length], [3, 0]);
  const second = await fixture.build({ context, references: ['t:2'] });
  assert.equal([second.done.length, second.cached.length], [0, 3]);
  assert.is(second.image.id, first.image.id, 'the same build gives the same image');
  assert.equal(second.image.references, ['docker.io/library/t:1', 'docker.io/library/t:2']);

  utimesSync(join(context, 'src/a'), 1, 1);
  writeFileSync(join(context, 'unused'), 'y');
  assert.is((await fixture.build({ context })).cached.length, 3);

  writeFileSync(join(context, 'src/a'), 'two');
  const changed = await fixture.build({ context });
  assert.equal([changed.done.length, changed.cached.length], [2, 1]);
  assert.equal(await fixture.tree(changed.image, ['/second']), { '/second': file('two') });

  writeFileSync(join(context, 'Dockerfile'), dockerfile.replace('version=1', 'version=2'));
  const labelled = await fixture.build({ context });
  assert.is(labelled.cached.length, 3, 'what changes no files does no step again');
  assert.is(labelled.image.config.Labels?.['version'], '2');

  assert.is((await fixture.build({ context, noCache: true })).done.length, 3);
});

test('after a build without the cache the next one does nothing, though two of its stages begin with the same step', async () => {
  await using fixture = await buildFixture();
  const step = 'RUN cat /proc/sys/kernel/random/uuid > /id';
  const base = 'FROM tscompose/busybox:1';
  const context = fixture.context({
    Dockerfile: `${base} AS one\n${step}\nRUN cp /id /one\n${base}\n${step}\nCOPY --from=one /one /one\nRUN cmp /id /one`,
  });
  await fixture.build({ context, noCache: true });
  const again = await fixture.build({ context });
  assert.equal(again.done, []);
});

test('no_cache_filter, arguments, platforms of keys', async () => {
  await using fixture = await buildFixture();
  const text = `FROM tscompose/busybox:1 AS one
ARG A
RUN echo $A > /a
FROM tscompose/busybox:1 AS two
COPY --from=one /a /a
RUN date > /b`;
  const context = fixture.context({ Dockerfile: text });
  await fixture.build({ context, args: { A: '1' } });
  assert.is((await fixture.build({ context, args: { A: '1' } })).cached.length, 3);
  assert.is((await fixture.build({ context, args: { A: '2' } })).cached.length, 0);
  assert.is((await fixture.build({ context, args: { A: '2', UNUSED: 'x' } })).cached.length, 3);
  assert.equal((await fixture.build({ context, args: { A: '2' }, noCacheFilter: ['two'] })).done.length, 2);
});

test('what a failed build has done is kept; a cache mount outlives builds and is pruned', async () => {
  await using fixture = await buildFixture();
  const context = fixture.context({ Dockerfile: 'FROM tscompose/busybox:1\nRUN echo a > /a\nRUN exit 1' });
  await fixture.build({ context }).then(
    () => assert.unreachable('it must fail'),
    () => {},
  );
  writeFileSync(join(context, 'Dockerfile'), 'FROM tscompose/busybox:1\nRUN echo a > /a\nRUN echo b > /b');
  assert.is((await fixture.build({ context })).cached.length, 1);

  const mount = '--mount=type=cache,target=/c,id=test,sharing=locked';
  for (const [word, expected] of [
    ['x', 'x\n'],
    ['y', 'x\ny\n'],
  ] as const) {
    writeFileSync(join(context, 'Dockerfile'), `FROM tscompose/busybox:1\nRUN ${mount} echo ${word} >> /c/f && cp /c/f /f`);
    const { image } = await fixture.build({ context });
    assert.equal(await fixture.tree(image, ['/f', '/c']), { '/f': file(expected) });
  }
  const { engine } = fixture.base;
  const entries = await engine.listBuildCache();
  assert.ok(entries.some((one) => one.kind === 'mount' && one.title === 'test' && one.sizeBytes === 4));
  assert.is((await engine.pruneBuildCache({ olderThanMs: 3_600_000 })).deleted.length, 0, 'nothing is that old');
  await engine.pruneBuildCache({});
  assert.equal(await engine.listBuildCache(), []);
  assert.ok((await engine.inspectImage('tscompose/busybox:1')) !== undefined, 'images stay');
});

test('SOURCE_DATE_EPOCH makes builds reproducible', async () => {
  await using fixture = await buildFixture();
  const context = fixture.context({ Dockerfile: 'FROM tscompose/busybox:1\nRUN echo a > /a && mkdir /d\nENV A=1' });
  const first = await fixture.build({ context, sourceDateEpoch: 1_500_000_000 });
  const second = await fixture.build({ context, sourceDateEpoch: 1_500_000_000, noCache: true });
  assert.is(second.image.id, first.image.id);
  assert.is(first.image.createdAt, '2017-07-14T02:40:00.000Z');
});

test('a build that is killed leaves nothing mounted, and a cache that works', async () => {
  await using fixture = await buildFixture();
  const { root } = fixture.base;
  const context = fixture.context({ Dockerfile: 'FROM tscompose/busybox:1\nRUN echo a > /a\nRUN echo begun; sleep 1000' });
  const script = `
    import { openNativeEngine } from '#runtime/native-engine.ts';
    const engine = await openNativeEngine({ env: process.env, onNotice: () => {} });
    const rest = { name: 'k', references: [], args: {}, labels: {}, contexts: {}, noCache: false, noCacheFilter: [], pull: false, extraHosts: [], secrets: [], ssh: {}, entitlements: [] };
    await engine.buildImage({ ...rest, context: ${JSON.stringify(context)} }, (event) => event.type === 'output' && console.log(event.text));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../../..'),
    env: { ...process.env, TSCOMPOSE_ROOT: root },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 600_000,
  });
  const closed = new Promise((resolve) => child.on('close', resolve));
  for await (const chunk of child.stdout) if (String(chunk).includes('begun')) break;
  child.kill('SIGKILL');
  await closed;
  assert.not.match(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(` ${root}/`));

  writeFileSync(join(context, 'Dockerfile'), 'FROM tscompose/busybox:1\nRUN echo a > /a\nRUN echo b > /b');
  const { cached, done } = await fixture.build({ context });
  assert.equal([cached.length, done.length], [1, 1]);
  assert.equal(await fixture.base.engine.listContainers(), [], 'the killed build has no container any more');
  for (let waited = 0; readdirSync(join(root, 'tmp')).length > 0 && waited < 600; waited++) await delay(100);
  assert.equal(readdirSync(join(root, 'tmp')), []);
});

test.run();
