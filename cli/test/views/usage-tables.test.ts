import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DiskUsage } from '#core/engine/store.ts';
import { findUnused } from '../../commands/flow/unused.ts';
import { stackTable, usageRows } from '../../views/usage-tables.ts';

const container = (name: string, project: string, state: DiskUsage['containers'][number]['state']) => {
  const ids = { id: name, imageId: 'sha256:a', image: 'a:1' };
  return { ...ids, name, project, service: name, state, writableBytes: 1000, logBytes: 500 };
};
const image = (id: string, usedBy: readonly string[], sharedBytes: number) => {
  return {
    id,
    references: [`${id}:1`],
    createdAt: '2026-01-01T00:00:00Z',
    sizeBytes: 3000,
    sharedBytes,
    uniqueBytes: 3000 - sharedBytes,
    usedBy,
  };
};

const usage: DiskUsage = {
  imageBytes: 5000,
  reclaimableImageBytes: 2000,
  images: [image('a', ['one', 'two'], 1000), image('b', [], 1000)],
  containers: [container('one', 'x', 'running'), container('two', 'x', 'exited'), container('three', 'y', 'created')],
  volumes: [
    { name: 'x_data', project: 'x', anonymous: false, sizeBytes: 10_000, usedBy: [] },
    { name: 'anonymous', project: 'x', anonymous: true, sizeBytes: 20_000, usedBy: ['two'] },
    { name: 'busy', project: 'x', anonymous: true, sizeBytes: 1, usedBy: ['one', 'two'] },
    { name: 'foreign', anonymous: true, sizeBytes: 5, usedBy: [] },
  ],
  networks: [
    { name: 'x_default', project: 'x', usedBy: ['one', 'two'] },
    { name: 'y_default', project: 'y', usedBy: ['three'] },
    { name: 'shared', usedBy: [] },
  ],
};

test('space by kind: total, used now, what would be free', () => {
  assert.equal(
    usageRows(usage).map((row) => Object.values(row)),
    [
      ['Images', '2', '1', '5kB', '2kB (40%)'],
      ['Containers', '3', '1', '4.5kB', '3kB (66%)'],
      ['Local Volumes', '4', '2', '30.01kB', '10.01kB (33%)'],
      ['Build Cache', '0', '0', '0B', '0B'],
    ],
  );
});

test('space by stack: an image counts when nobody else needs it', () => {
  const [, x = '', y = ''] = stackTable(usage).split('\n');
  assert.match(x, /^x +1\/2 +2kB +1kB +3 +30kB +2kB$/);
  assert.match(y, /^y +0\/1 +1kB +500B +0 +0B +0B$/);
});

test('unused is what does not run, and what then nobody needs', () => {
  const names = (stacks: readonly string[], withVolumes: boolean) => {
    const { containers, networks, volumes } = findUnused(usage, { stacks, withVolumes });
    return [...containers, ...networks, ...volumes].map((one) => one.name);
  };
  assert.equal(names([], false), ['two', 'three', 'y_default']);
  assert.equal(names(['x'], true), ['two', 'anonymous']);
  assert.equal(names(['y'], true), ['three', 'y_default']);
  assert.equal(names([], true), ['two', 'three', 'y_default', 'anonymous', 'foreign']);
});

test.run();
