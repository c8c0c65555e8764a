import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import type { ImageSummary } from '#core/engine/specs.ts';
import { filterImages, parseImageFilter } from '../../commands/flow/image-filter.ts';

const nowMs = Date.parse('2026-02-01T00:00:00Z');
const keys = ['dangling', 'label', 'label!', 'until', 'before', 'since', 'reference'] as const;

function image(name: string, day: number, labels: Record<string, string> = {}): ImageSummary {
  return {
    id: `sha256:${String(day).padStart(64, '0')}`,
    digest: 'sha256:0',
    references: name === '' ? [] : [name],
    createdAt: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`,
    sizeBytes: 1,
    platform: { os: 'linux', architecture: 'amd64' },
    config: { Labels: labels },
    layers: [],
  };
}

const images = [
  image('docker.io/library/web:1', 1, { a: '1' }),
  image('docker.io/team/web:2', 10, { a: '2', b: '' }),
  image('registry.example:5000/x/y:3', 20),
  image('', 30),
];

async function days(...filter: readonly string[]): Promise<readonly number[]> {
  await using engine = memoryEngine({ images });
  const found = await filterImages(engine, images, parseImageFilter(filter, keys, nowMs));
  return found.map((one) => new Date(one.createdAt).getUTCDate());
}

for (const [filter, expected] of [
  [[], [1, 10, 20, 30]],
  [['dangling=true'], [30]],
  [['dangling=false'], [1, 10, 20]],
  [['label=a'], [1, 10]],
  [['label=a', 'label=b'], [10]],
  [['label=a=1'], [1]],
  [['label!=a'], [20, 30]],
  [['until=2026-01-15T00:00:00Z'], [1, 10]],
  [['until=240h'], [1, 10, 20]],
  [['before=team/web:2'], [1]],
  [['since=web:1'], [10, 20, 30]],
  [['reference=web'], [1]],
  [['reference=*/web:2'], [10]],
  [
    ['reference=web', 'reference=registry.example:5000/*/y'],
    [1, 20],
  ],
  [['reference=registry.example:5000/*/y:4'], []],
] as const) {
  test(`images left by ${filter.join(' and ') || 'no filter'}`, async () => {
    assert.equal(await days(...filter), [...expected]);
  });
}

for (const filter of ['colour=red', 'dangling=maybe', 'label', 'until=yesterday', 'before=no:such']) {
  test(`"${filter}" is refused`, async () => {
    const error = await days(filter).catch((reason: unknown) => reason);
    assert.ok(hasCode(error, 'cli.bad-flag-value'));
  });
}

test.run();
