import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceRequest, Service } from '#core/model/project.ts';
import type { CdiRegistry } from '#runtime/cdi/read-cdi-registry.ts';
import { requestedDevices } from '#runtime/cdi/requested-devices.ts';

/** A registry that offers devices of these names. */
function offering(...names: readonly string[]): CdiRegistry {
  const devices = names.map((full) => {
    const [kind = '', name = ''] = full.split('=');
    const device = { name, containerEdits: {} };
    return [full, { spec: { cdiVersion: '1.0.0', kind, devices: [device] }, device, path: '/etc/cdi/a.json' }] as const;
  });
  return { devices: new Map(devices), conflicts: new Map(), faults: [], directories: [] };
}

function names(service: Partial<Service>, registry: CdiRegistry): readonly string[] {
  const { devices, faults } = requestedDevices({ command: null, entrypoint: null, ...service }, registry);
  return [...devices.map((one) => one.name), ...faults.map((one) => `${one.key}: ${one.reason}`)];
}

const two = offering(
  'nvidia.com/gpu=0',
  'nvidia.com/gpu=1',
  'nvidia.com/gpu=GPU-aa',
  'nvidia.com/gpu=GPU-bb',
  'nvidia.com/gpu=all',
);

for (const [what, request, registry, expected] of [
  ['all', { count: -1 }, two, ['nvidia.com/gpu=all']],
  [
    'all without a device of that name',
    { count: -1 },
    offering('amd.com/gpu=0', 'amd.com/gpu=1'),
    ['amd.com/gpu=0', 'amd.com/gpu=1'],
  ],
  ['a count', { count: 2 }, two, ['nvidia.com/gpu=0', 'nvidia.com/gpu=1']],
  ['more than there are', { count: 3 }, two, ['nvidia.com/gpu=0', 'nvidia.com/gpu=1', 'nvidia.com/gpu=2']],
  ['none', { count: 0 }, two, []],
  ['ids', { device_ids: ['1', 'GPU-aa'] }, two, ['nvidia.com/gpu=1', 'nvidia.com/gpu=GPU-aa']],
  ['a vendor by driver', { driver: 'amd', count: 1 }, two, ['amd.com/gpu=0']],
  ['a vendor by capability', { capabilities: ['intel', 'compute'], count: 1 }, two, ['intel.com/gpu=0']],
  ['the only vendor', { count: -1 }, offering('habana.ai/gpu=a'), ['habana.ai/gpu=a']],
  ['no vendor at all', { count: -1 }, offering(), ['nvidia.com/gpu=all']],
  ['full names', { driver: 'cdi', device_ids: ['a.b/c=d'] }, two, ['a.b/c=d']],
] satisfies readonly (readonly [string, DeviceRequest, CdiRegistry, readonly string[]])[]) {
  test(`gpus: ${what}`, () => assert.equal(names({ gpus: [request] }, registry), expected));
}

for (const [what, request, reason] of [
  ['options', { count: 1, options: { a: 'b' } }, /gpus\.0: "options"/],
  ['an unknown driver', { driver: 'x' }, /"x"; it is one of cdi, nvidia, amd, intel/],
  ['an unknown capability', { capabilities: ['tpu'] }, /"tpu"/],
  ['short names for the driver cdi', { driver: 'cdi', device_ids: ['0'] }, /"0" is no name/],
  ['no name for the driver cdi', { driver: 'cdi', count: -1 }, /needs names/],
] satisfies readonly (readonly [string, DeviceRequest, RegExp])[]) {
  test(`gpus: ${what} is refused`, () => assert.match(names({ gpus: [request] }, two).join('\n'), reason));
}

test('several unknown vendors cannot be told apart', () => {
  assert.match(names({ gpus: [{ count: 1 }] }, offering('a.b/gpu=0', 'c.d/gpu=0')).join('\n'), /a\.b\/gpu, c\.d\/gpu/);
});

test('devices and deploy are asked too; reserved devices need a capability', () => {
  const reserve = (request: DeviceRequest): Partial<Service> => ({
    devices: [
      { source: 'v.w/x=y', target: 'v.w/x=y', permissions: 'rwm' },
      { source: '/dev/null', target: '/dev/null' },
    ],
    deploy: { resources: { reservations: { devices: [request] } }, placement: {} },
  });
  assert.equal(names(reserve({ capabilities: ['gpu'], count: 1 }), two), ['v.w/x=y', 'nvidia.com/gpu=0']);
  assert.match(
    names(reserve({ capabilities: ['utility'], count: 1 }), two).join('\n'),
    /deploy\.resources\.reservations\.devices\.0: .*"gpu"/,
  );
});

test.run();
