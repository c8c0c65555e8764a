// timeout: 120s
import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { busybox, type EngineFixture, engineFixture } from '../engine-fixture.ts';
import { listTar } from '../images/tar-reader.ts';

const sleeping = ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait'];
const nothing = { changes: [], pause: true };

async function exported(fixture: EngineFixture, id: string): Promise<string> {
  const path = join(fixture.root, 'export.tar');
  const output = createWriteStream(path);
  await fixture.engine.exportContainer(id, output);
  output.end();
  await finished(output);
  return path;
}

test('what a running container changed becomes an image that runs', async () => {
  await using fixture = await engineFixture();
  const data = join(fixture.root, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'mounted'), 'x');
  const bind = { type: 'bind', source: data, target: '/data', readOnly: false, createHostPath: false } as const;
  const id = await fixture.create(
    'app',
    { command: sleeping, environment: { COLOUR: 'red' }, labels: { kept: 'yes' } },
    { mounts: [bind], labels: { 'com.docker.compose.project': 'test', kept: 'yes' } },
  );
  await fixture.engine.startContainer(id);
  await fixture.exec(id, 'echo made >/made; rm /bin/wc; mkdir /d; chown 7:8 /d; chmod 2750 /d; cp /bin/busybox /d/');
  const image = await fixture.engine.commitContainer(id, {
    reference: 'test/made:1',
    author: 'An Author',
    message: 'why',
    changes: ['ENV SIZE=big', 'LABEL added=yes'],
    pause: true,
  });
  assert.is((await fixture.engine.listContainers())[0]?.state, 'running');
  const base = await fixture.engine.inspectImage(busybox);
  assert.equal(image.references, ['docker.io/test/made:1']);
  assert.is(image.layers.length, (base?.layers.length ?? 0) + 1);
  assert.equal(image.config.Cmd, sleeping);
  assert.ok(image.config.Env?.includes('COLOUR=red') && image.config.Env.includes('SIZE=big'));
  assert.equal(image.config.Labels, { ...base?.config.Labels, kept: 'yes', added: 'yes' });
  const document = JSON.parse(readFileSync(join(fixture.root, 'blobs/sha256', image.id.slice(7)), 'utf8'));
  assert.is(document.author, 'An Author');
  assert.equal([document.history.at(-1).comment, document.history.at(-1).created_by], ['why', sleeping.join(' ')]);

  const again = await fixture.create('again', {}, { image: 'test/made:1' });
  await fixture.engine.startContainer(again);
  const { output } = await fixture.exec(
    again,
    'cat /made; ls /bin/wc 2>&1; stat -c "%u:%g %a" /d; ls /data/mounted 2>/dev/null; echo $COLOUR $SIZE',
  );
  assert.match(output, /^made\nls: \/bin\/wc: No such file or directory\n7:8 2750\nred big\n$/);
});

test('a container that changed nothing adds no layer, started or not', async () => {
  await using fixture = await engineFixture();
  const volume = { name: 'commit-data', project: 'test', driver: 'local', driverOpts: {}, labels: {} };
  await fixture.engine.createVolume(volume);
  const mounts = [{ type: 'volume', volume: 'commit-data', target: '/srv/app/data', readOnly: false, noCopy: false } as const];
  const files = [{ target: '/run/secrets/token', source: { content: 'x' }, uid: 0, gid: 0, mode: 0o400, secret: true } as const];
  const id = await fixture.create('idle', { command: sleeping, tmpfs: ['/scratch'] }, { mounts, files });
  const before = await fixture.engine.commitContainer(id, nothing);
  await fixture.engine.startContainer(id);
  const running = await fixture.engine.commitContainer(id, nothing);
  const base = await fixture.engine.inspectImage(busybox);
  assert.equal(before.layers, base?.layers);
  assert.equal(running.layers, base?.layers, 'places to mount on are no change');
  for (const image of [before, running]) await fixture.engine.removeImage(image.id, {});
});

test('a paused container stays paused, a stopped one can be committed', async () => {
  await using fixture = await engineFixture();
  const id = await fixture.create('app', { command: sleeping });
  await fixture.engine.startContainer(id);
  await fixture.exec(id, 'echo 1 >/one');
  await fixture.engine.pauseContainer(id);
  const paused = await fixture.engine.commitContainer(id, nothing);
  assert.is((await fixture.engine.listContainers())[0]?.state, 'paused');
  await fixture.engine.unpauseContainer(id);
  await fixture.engine.stopContainer(id, {});
  const stopped = await fixture.engine.commitContainer(id, nothing);
  assert.equal(stopped.layers, paused.layers, 'the same files give the same layer');
  assert.is.not(stopped.id, paused.id);
});

test('an export is the merged file system without what is mounted', async () => {
  await using fixture = await engineFixture();
  const id = await fixture.create('app', { command: sleeping, tmpfs: ['/scratch'] });
  await fixture.engine.startContainer(id);
  await fixture.exec(id, 'echo made >/made; rm /bin/wc; echo lost >/scratch/file; ln -s /etc/shadow /link; mkfifo /fifo');
  const members = new Map(listTar(readFileSync(await exported(fixture, id))).map((one) => [one.name, one]));
  assert.is(members.get('made')?.size, 5);
  assert.not(members.has('bin/wc'));
  assert.ok(members.has('bin/busybox'));
  assert.is(members.get('link')?.link, '/etc/shadow');
  assert.is(members.get('fifo')?.type, '6');
  assert.not([...members.keys()].some((name) => /^(scratch|proc|sys|dev)\/./.test(name)));
  await fixture.engine.stopContainer(id, {});
  const path = await exported(fixture, id);
  assert.is(execFileSync('tar', ['-xOf', path, 'made'], { encoding: 'utf8' }), 'made\n');
  const image = await fixture.engine.importImage({ source: path, changes: ['CMD ["true"]'] });
  assert.is(image.layers.length, 1);
});

test('an export ends when its reader goes away or its signal aborts', async () => {
  await using fixture = await engineFixture();
  const id = await fixture.create('app', { command: sleeping });
  const output = createWriteStream('/dev/full');
  const failed = await fixture.engine.exportContainer(id, output).catch((error: unknown) => error);
  assert.match(String(failed), /ENOSPC|space/);
  const reason = new Error('enough');
  const aborted = await fixture.engine
    .exportContainer(id, createWriteStream('/dev/null'), AbortSignal.abort(reason))
    .catch((error: unknown) => error);
  assert.is(aborted, reason);
});

test.run();
