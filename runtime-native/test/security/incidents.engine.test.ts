// timeout: 400s
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findProgram } from '#runtime/host/programs.ts';
import { containerSpec, type EngineFixture, engineFixture } from '../engine-fixture.ts';
import { compileStatic } from './compile-static.ts';
import { importHostileImage } from './hostile-image.ts';

const runtimes = ['crun', 'runc'];

/** A file that only the host has; what a container must never see. */
function hostSecret() {
  const path = mkdtempSync('/tmp/tsch-');
  writeFileSync(join(path, 'secret'), 'of the host');
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

async function start(fixture: EngineFixture, ...spec: Parameters<typeof containerSpec>): Promise<string> {
  const { id } = await fixture.engine.createContainer(containerSpec(...spec));
  await fixture.engine.startContainer(id);
  return id;
}

const refusal = (error: unknown): string => String(error);

test('CVE-2019-5736: the programs of the host that enter a container cannot be written through /proc', async () => {
  await using fixture = await engineFixture();
  const image = await importHostileImage(fixture.engine, {
    reference: 'hostile:self',
    entries: [{ name: 'bin/evil', content: '#!/proc/self/exe\n', mode: 0o755 }],
  });
  const programs = [...runtimes.map((name) => findProgram(name) ?? ''), fixture.supervisor, fixture.init];
  const before = programs.map(digest);
  for (const runtime of runtimes) {
    const id = await start(fixture, `self-${runtime}`, { runtime, init: true }, { image });
    // Whatever appears in the container's /proc is opened for writing, as fast as a shell can.
    const attack = fixture.exec(
      id,
      'for i in $(echo 1 2 3 4 5 6 7 8 9); do for exe in /proc/[0-9]*/exe; do echo owned >> $exe; done; done',
    );
    for (let turn = 0; turn < 3; turn++) await fixture.exec(id, ['/bin/evil']).catch(refusal);
    await attack;
  }
  assert.equal(programs.map(digest), before);
});

test('CVE-2024-21626: no descriptor of the host is left open, and no working directory leads through one', async () => {
  await using fixture = await engineFixture();
  for (const runtime of runtimes) {
    const id = await start(fixture, `fds-${runtime}`, { runtime, command: ['sleep', '1000'] });
    assert.is((await fixture.exec(id, 'ls -l /proc/1/fd | grep -c " [0-9]* ->"')).output, '3\n', runtime);
    assert.is((await fixture.exec(id, 'ls /proc/self/fd | wc -l')).output, '4\n', `${runtime}: ls and its own directory`);
    for (const fd of [3, 4, 5, 6, 7, 8, 9]) {
      const workingDir = `/proc/self/fd/${fd}`;
      const inside = await fixture
        .exec(id, ['sh', '-c', 'readlink /proc/self/cwd; ls -d ../../../../../../etc/passwd'], { workingDir })
        .catch((error: unknown) => ({ exitCode: 128, output: refusal(error) }));
      assert.ok(inside.exitCode !== 0 || inside.output.startsWith('/proc/'), `${runtime} ${fd}: ${inside.output}`);
      const other = await start(fixture, `cwd-${runtime}-${fd}`, {
        runtime,
        working_dir: workingDir,
        command: ['sleep', '0'],
      }).catch(refusal);
      if (other.startsWith('TscomposeError')) assert.match(other, /cannot start/);
    }
  }
});

for (const runtime of runtimes) {
  test(`${runtime}: CVE-2025-31133 and CVE-2025-52565: links in place of /dev/null and /dev/console are not followed out`, async () => {
    await using fixture = await engineFixture();
    const { engine } = fixture;
    const kernelFile = '/proc/sys/kernel/core_pattern';
    const before = readFileSync(kernelFile, 'utf8');
    await engine.createVolume({ name: 'dev', project: 'test', driver: 'local', driverOpts: {}, labels: {} });
    const mounts = [{ type: 'volume', volume: 'dev', target: '/dev', readOnly: false, noCopy: true }] as const;
    const prepared = await start(
      fixture,
      'prepare',
      { command: ['sh', '-c', `cd /v; ln -s ${kernelFile} null; ln -s ${kernelFile} console; ln -s ${kernelFile} ptmx`] },
      { mounts: [{ ...mounts[0], target: '/v' }] },
    );
    assert.equal(await engine.awaitContainer(prepared, 'exited'), { outcome: 'satisfied', exitCode: 0 });
    const id = await start(fixture, 'attack', { runtime, tty: true, command: ['sleep', '1000'] }, { mounts }).catch(refusal);
    if (!id.startsWith('TscomposeError')) {
      const seen = await fixture.exec(
        id,
        `grep " ${kernelFile} " /proc/self/mountinfo; cat /proc/kcore /proc/keys; echo owned > ${kernelFile}`,
      );
      assert.not.match(seen.output, new RegExp(`${kernelFile} .*rw,`), seen.output);
      assert.ok(before.trim() === '' || !seen.output.includes(before.trim()), seen.output);
    }
    assert.is(readFileSync(kernelFile, 'utf8'), before);
  });

  test(`${runtime}: CVE-2025-52881: nothing can be mounted over /proc, not even through a link of the image`, async () => {
    await using fixture = await engineFixture();
    const image = await importHostileImage(fixture.engine, {
      reference: 'hostile:proc',
      entries: [{ name: 'way', type: '2', link: '/proc' }],
    });
    for (const target of ['/proc', '/proc/self', '/x/../proc/sys', '/proc/self/attr']) {
      const error = await fixture.create('over', { runtime, tmpfs: [target] }, { image }).catch(refusal);
      assert.match(error, /tmpfs.*\/proc/, target);
      const mounts = [{ type: 'tmpfs', target, readOnly: false }] as const;
      const other = await fixture.create('over', { runtime }, { image, mounts }).catch(refusal);
      assert.match(other, /volumes.*\/proc/, target);
    }
    const through = await start(fixture, 'through', { runtime, tmpfs: ['/way/sys'] }, { image }).catch(refusal);
    if (!through.startsWith('TscomposeError')) {
      // The kernel's /proc lies over it.
      const { output } = await fixture.exec(through, 'cat /proc/sys/kernel/ostype; touch /proc/sys/x');
      assert.match(output, /^Linux\n.*(Read-only|nonexistent|No such)/);
    }
  });
}

test('CVE-2018-15664: filling a volume resolves links of the image inside the image', async () => {
  await using fixture = await engineFixture();
  using host = hostSecret();
  const image = await importHostileImage(fixture.engine, {
    reference: 'hostile:links',
    entries: [
      { name: 'data', type: '2', link: host.path },
      { name: 'up', type: '2', link: `../../../../../../../..${host.path}` },
      { name: 'magic', type: '2', link: '/proc/1/root' },
    ],
  });
  for (const name of ['data', 'up', 'magic'])
    await fixture.engine.createVolume({ name, project: 'test', driver: 'local', driverOpts: {}, labels: {} });
  const volume = (name: string) =>
    ({ type: 'volume', volume: name, target: `/${name}`, readOnly: false, noCopy: false }) as const;
  for (const name of ['data', 'up', 'magic']) {
    const id = await start(fixture, name, {}, { image, mounts: [volume(name)] }).catch(refusal);
    if (id.startsWith('TscomposeError')) continue;
    assert.not.match((await fixture.exec(id, 'cat /*/secret /*/etc/shadow')).output, /of the host|root:/, name);
  }
});

test('CVE-2024-1753: a subpath that is a link is not mounted, even when it is exchanged all the time', async () => {
  await using fixture = await engineFixture();
  using host = hostSecret();
  const { engine } = fixture;
  const image = await importHostileImage(engine, {
    reference: 'hostile:subpath',
    entries: [
      { name: 'sub', type: '2', link: host.path },
      { name: 'bin/exchange', content: compileStatic('exchange.c'), mode: 0o755 },
    ],
  });
  const fromImage = await start(fixture, 'image', {}, { mounts: [{ type: 'image', image, target: '/s', subpath: 'sub' }] }).catch(
    refusal,
  );
  assert.match(fromImage, /symbolic link/);
  const leaving = await start(fixture, 'up', {}, { mounts: [{ type: 'image', image, target: '/s', subpath: '../..' }] }).catch(
    refusal,
  );
  assert.match(leaving, /leaves/);
  await engine.createVolume({ name: 'racy', project: 'test', driver: 'local', driverOpts: {}, labels: {} });
  const volume = { type: 'volume', volume: 'racy', readOnly: false, noCopy: true } as const;
  const prepare = `cd /v; mkdir sub; echo of the volume > sub/secret; ln -s ${host.path} link; exec exchange sub link`;
  const attacker = await start(
    fixture,
    'attacker',
    { command: ['sh', '-c', prepare] },
    { image, mounts: [{ ...volume, target: '/v' }] },
  );
  for (let tries = 0; !(await fixture.logs(attacker)).includes('ready'); tries++) {
    if (tries > 1000) throw new Error('the attacker does not begin');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // Goes on until the directory was met, and the link in its place: else nothing was tried.
  const met = { directory: 0, link: 0 };
  for (let turn = 0; turn < 15 || ((met.directory === 0 || met.link === 0) && turn < 400); turn++) {
    const mounts = [{ ...volume, target: '/s', subpath: 'sub' }];
    const { id } = await engine.createContainer(containerSpec(`victim${turn}`, { command: ['sleep', '1000'] }, { mounts }));
    const failure = await engine.startContainer(id).then(() => undefined, refusal);
    if (failure === undefined) {
      assert.is((await fixture.exec(id, 'cat /s/secret')).output, 'of the volume\n');
      met.directory++;
    } else {
      assert.match(failure, /symbolic link/);
      met.link++;
    }
    await engine.stopContainer(id, { timeoutMs: 0 });
    await engine.removeContainer(id, {});
  }
  assert.ok(met.directory > 0 && met.link > 0, JSON.stringify(met));
});

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

test.run();
