import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '#core/model/project.ts';
import { type EngineFixture, engineFixture } from '../engine-fixture.ts';

/** An engine on a machine whose vendors offer devices by the Container Device Interface. */
export interface CdiScene extends AsyncDisposable {
  readonly fixture: EngineFixture;
  /** Where the hooks of the devices leave what they were given. */
  readonly home: string;
}

/** `devices` entry of a CDI name. */
export function cdi(name: string): NonNullable<Service['devices']>[number] {
  return { source: name, target: name, permissions: 'rwm' };
}

/** Writes specifications of made-up devices: nodes of the machine's pseudo devices under other names. */
export async function cdiScene(): Promise<CdiScene> {
  const home = mkdtempSync('/tmp/tscdi-');
  const write = (path: string, text: string): void => writeFileSync(join(home, path), text);
  for (const directory of ['etc', 'run']) mkdirSync(join(home, directory));
  write('config.json', JSON.stringify({ cdiSpecDirs: [join(home, 'etc'), join(home, 'run'), join(home, 'missing')] }));
  write('lib.so', 'a library of the driver');
  write('hook', `#!/bin/sh\ncat > "${home}/$1.state"\necho "$2 $HOOKED" > "${home}/$1"\n`);
  chmodSync(join(home, 'hook'), 0o755);
  const hook = (hookName: string) => ({
    hookName,
    path: join(home, 'hook'),
    args: ['hook', hookName, 'said'],
    env: ['HOOKED=so'],
  });
  write(
    'etc/vendor.json',
    JSON.stringify({
      cdiVersion: '0.7.0',
      kind: 'vendor.test/thing',
      containerEdits: {
        env: ['VENDOR=test', 'PATH=/vendor:/bin'],
        hooks: [hook('createRuntime'), hook('createContainer'), hook('poststop')],
      },
      devices: [
        {
          name: 'one',
          containerEdits: {
            env: ['ONE=1'],
            deviceNodes: [
              { path: '/dev/vendor/one', hostPath: '/dev/null', permissions: 'rw', fileMode: 0o640, uid: 7 },
              // With a major number nothing is asked of the host; the device cgroup decides.
              { path: '/dev/other', type: 'c', major: 10, minor: 229, permissions: 'none' },
            ],
            mounts: [{ hostPath: join(home, 'lib.so'), containerPath: '/usr/lib/vendor.so', options: ['ro', 'nosuid', 'bind'] }],
            additionalGids: [4711, 0],
          },
        },
        { name: 'odd', containerEdits: { netDevices: [{ hostInterfaceName: 'eth7', name: 'eth1' }] } },
        { name: 'gone', containerEdits: { deviceNodes: [{ path: '/dev/not-there' }] } },
      ],
    }),
  );
  // As nvidia-ctk writes it; the later directory wins over the first device.
  write('etc/gpu.yaml', 'cdiVersion: "0.5.0"\nkind: nvidia.com/gpu\ndevices:\n- name: "0"\n  containerEdits: {env: [GPU=old]}\n');
  write(
    'run/gpu.yaml',
    `---
cdiVersion: "0.5.0"
containerEdits:
  env:
  - NVIDIA_VISIBLE_DEVICES=void
devices:
- containerEdits:
    deviceNodes:
    - fileMode: 0600
      hostPath: /dev/full
      path: /dev/nvidia0
  name: "0"
- containerEdits:
    env:
    - GPU=second
  name: "1"
kind: nvidia.com/gpu
`,
  );
  for (const name of ['a', 'b'])
    write(
      `run/twice-${name}.json`,
      '{"cdiVersion":"0.5.0","kind":"v.t/c","devices":[{"name":"twice","containerEdits":{"env":["A=b"]}}]}',
    );
  write('run/broken.json', '{');
  const fixture = await engineFixture({ TSCOMPOSE_CONFIG: join(home, 'config.json') });
  return {
    fixture,
    home,
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
