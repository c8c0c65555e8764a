import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageSummary } from '#core/engine/specs.ts';
import { refreshWindowMs } from '#core/plan/refresh-window.ts';
import { golden } from './golden.ts';

const image: ImageSummary = {
  id: `sha256:${'1'.repeat(64)}`,
  digest: `sha256:${'2'.repeat(64)}`,
  references: ['img'],
  taggedAt: '2026-01-01T00:00:00.000Z',
  createdAt: '2025-01-01T00:00:00Z',
  sizeBytes: 1,
  platform: { os: 'linux', architecture: 'amd64' },
  config: {},
  layers: [],
};
const after = (hours: number): number => Date.UTC(2026, 0, 1, hours);
const rest = `
    [] -> #2 network p_default create, absent
    [1,2] -> #3 container p-web-1 create, absent
    [3] -> #4 container p-web-1 start, absent`;
const present = `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-web-1 create, absent
    [2] -> #3 container p-web-1 start, absent`;
const stale = (policy: string): string => `
    [] -> #1 image img pull, image-stale (${policy}, fetched 2026-01-01T00:00)${rest}`;

for (const [policy, hours, expected] of [
  ['daily', 23, present],
  ['daily', 24, stale('daily')],
  ['weekly', 167, present],
  ['weekly', 169, stale('weekly')],
  ['every_1h30m', 1, present],
  ['every_1h30m', 2, stale('every_1h30m')],
  ['refresh', 0, stale('refresh')],
  ['missing', 9999, present],
  ['if_not_present', 9999, present],
  ['never', 9999, present],
] as const) {
  golden(
    `${policy}, ${hours} h after the last pull`,
    {
      file: `services: {web: {image: img, pull_policy: ${policy}}}`,
      engine: { images: [image] },
      options: { nowMs: after(hours) },
    },
    expected,
  );
}

golden(
  'a policy of the command line wins over that of the service',
  {
    file: 'services: {web: {image: img, pull_policy: daily}}',
    engine: { images: [image] },
    options: { nowMs: after(99), pull: 'missing' },
  },
  present,
);

test('windows add up; other policies have none', () => {
  assert.is(refreshWindowMs('every_1w2d3h4m5s'), ((9 * 24 + 3) * 60 + 4) * 60_000 + 5000);
  assert.is(refreshWindowMs('always'), undefined);
  assert.is(refreshWindowMs('every_'), undefined);
});

test.run();
