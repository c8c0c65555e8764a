import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isCdiName, parseCdiSpec } from '#runtime/cdi/parse-cdi-spec.ts';

const device = { name: '0', containerEdits: { env: ['A=b'] } };
const good = { cdiVersion: '0.6.0', kind: 'vendor.com/gpu', devices: [device] };

test('a specification is taken as it is', () => {
  assert.is(parseCdiSpec(good), good);
  const edits = {
    deviceNodes: [
      { path: '/dev/a', hostPath: '/dev/b', type: 'c', major: 1, minor: 3, fileMode: 438, permissions: 'rw', uid: 1, gid: 2 },
    ],
    mounts: [{ hostPath: '/a', containerPath: '/b', options: ['ro'], type: 'none' }],
    hooks: [{ hookName: 'createContainer', path: '/bin/a', args: ['a'], env: ['B=c'], timeout: 3 }],
    additionalGids: [7],
    intelRdt: { closID: 'x', schemata: ['L3:0=f'] },
    netDevices: [{ hostInterfaceName: 'eth7', name: 'eth1' }],
  };
  parseCdiSpec({ ...good, cdiVersion: '1.1.0', annotations: { a: 'b' }, containerEdits: edits });
});

for (const [what, document, reason] of [
  ['no object', [], /it is not an object/],
  ['a version of the future', { ...good, cdiVersion: '2.0.0' }, /2\.0\.0/],
  ['a missing kind', { cdiVersion: '0.6.0', devices: [device] }, /"kind" is missing/],
  ['a kind without class', { ...good, kind: 'vendor.com' }, /no kind/],
  ['no device', { ...good, devices: [] }, /no device/],
  ['a device twice', { ...good, devices: [device, device] }, /"0" twice/],
  ['an unknown field', { ...good, devices: [{ ...device, conTainerEdits: {} }] }, /"devices\[0\]\.conTainerEdits" is not known/],
  ['a number for a name', { ...good, devices: [{ ...device, name: 0 }] }, /"devices\[0\]\.name" is not a text/],
  ['a variable without a name', { ...good, containerEdits: { env: ['=x'] } }, /no variable/],
  ['strange permissions', { ...good, containerEdits: { deviceNodes: [{ path: '/dev/a', permissions: 'x' }] } }, /permissions/],
  ['an unknown hook', { ...good, containerEdits: { hooks: [{ hookName: 'x', path: '/a' }] } }, /no hook "x"/],
  ['a relative hook', { ...good, containerEdits: { hooks: [{ hookName: 'poststop', path: 'a' }] } }, /absolute/],
] as const) {
  test(`${what} is refused`, () => assert.throws(() => parseCdiSpec(document), reason));
}

test('full names are told from paths', () => {
  for (const name of ['vendor.com/class=0', 'v/c=GPU-1:2', 'nvidia.com/gpu=all']) assert.ok(isCdiName(name), name);
  for (const name of ['/dev/a', 'vendor.com/class', '/dev/a=b', 'v/c=', '=x', 'a/b/c=d']) assert.not.ok(isCdiName(name), name);
});

test.run();
