// timeout: 240s
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Service } from '#core/model/project.ts';
import { cdi, cdiScene } from './cdi-scene.ts';

const sleeping = { command: ['sleep', '1000'], stop_signal: 'SIGKILL' } as const;

for (const runtime of ['crun', 'runc']) {
  test(`${runtime}: a device brings its nodes, mounts, variables, groups and hooks`, async () => {
    await using scene = await cdiScene();
    const { home, fixture } = scene;
    const { engine, create, exec } = fixture;
    const id = await create(`cdi-${runtime}`, {
      ...sleeping,
      runtime,
      user: '1000:1000',
      devices: [cdi('vendor.test/thing=one')],
    });
    await engine.startContainer(id);
    const script = [
      'stat -c "%F %t:%T %a %u:%g" /dev/vendor/one',
      'stat -c "%t:%T" /dev/other; head -c0 /dev/other 2>&1',
      'cat /usr/lib/vendor.so; echo; (echo x > /usr/lib/vendor.so) 2>&1',
      'tr "\\0" "\\n" < /proc/1/environ | grep -E "^(VENDOR|ONE|PATH)="',
      'grep Groups /proc/1/status',
      'echo "$ONE $(id -G)"',
    ];
    const { output } = await exec(id, script.join('\n'));
    assert.match(
      output,
      new RegExp(
        [
          'character special file 1:3 640 7:1000',
          'a:e5',
          '.*not permitted',
          'a library of the driver',
          '.*(Read-only|Permission).*',
          'PATH=/vendor:/bin',
          'VENDOR=test',
          'ONE=1',
          'Groups:.*4711.*',
          '1 1000 .*4711',
        ].join('\\n'),
        's',
      ),
      output,
    );
    assert.is(readFileSync(join(home, 'createContainer'), 'utf8'), 'said so\n');
    assert.match(readFileSync(join(home, 'createRuntime.state'), 'utf8'), /"pid"/);
    await engine.stopContainer(id, { timeoutMs: 0 });
    await engine.removeContainer(id, { volumes: false });
    assert.is(readFileSync(join(home, 'poststop'), 'utf8'), 'said so\n');
  });
}

test('gpus and reserved devices are devices of the vendor; the later directory wins', async () => {
  await using scene = await cdiScene();
  const { engine, create, exec } = scene.fixture;
  const reservations = { devices: [{ capabilities: ['gpu'], device_ids: ['1'] }] };
  const id = await create('gpus', {
    ...sleeping,
    gpus: [{ count: 1 }],
    deploy: { resources: { reservations }, placement: {} },
  });
  await engine.startContainer(id);
  const { output } = await exec(
    id,
    'echo "$GPU $NVIDIA_VISIBLE_DEVICES"; stat -c "%t:%T %a" /dev/nvidia0; echo x > /dev/nvidia0',
  );
  assert.match(output, /^second void\n1:7 600\n.*No space left/);
  await engine.stopContainer(id, { timeoutMs: 0 });
});

/** What is asked for, and what the refusal says. */
const refusals: readonly (readonly [Partial<Service>, RegExp])[] = [
  [
    { devices: [cdi('vendor.test/thing=two')] },
    /engine.device-not-offered .*no device "vendor\.test\/thing=two".*offers.*nvidia\.com\/gpu=0.*thing=one.*broken\.json/s,
  ],
  [{ gpus: [{ count: 3 }] }, /no device "nvidia\.com\/gpu=2"/],
  [{ devices: [cdi('v.t/c=twice')] }, /"devices" .*: "v\.t\/c=twice" is in several files: .*twice-a\.json, .*twice-b\.json/],
  [{ devices: [cdi('vendor.test/thing=gone')] }, /"\/dev\/not-there" is no such device/],
  [{ devices: [cdi('vendor.test/thing=odd')] }, /"netDevices"/],
];

test('what the machine does not offer, or only in part, is refused with what it does offer', async () => {
  await using scene = await cdiScene();
  for (const [service, reason] of refusals) {
    const refused = scene.fixture.create('refused', { ...sleeping, ...service });
    const error: unknown = await refused.then(
      () => undefined,
      (one: unknown) => one,
    );
    assert.instance(error, TscomposeError);
    const text = (error as TscomposeError).diagnostics.map((one) => `${one.code} ${one.message}\n${one.hint ?? ''}`).join('\n');
    assert.match(text, reason, text);
  }
});

test.run();
