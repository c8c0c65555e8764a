import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { choosePlatform, parsePlatform } from '#runtime/images/platform.ts';

const entry = (text: string) => ({ text, platform: { ...parsePlatform(text) } });
const offered = ['linux/amd64', 'linux/arm/v5', 'linux/arm/v7', 'linux/arm64', 'windows/amd64', 'linux/386'].map(entry);

const chosen: Readonly<Record<string, string | undefined>> = {
  'linux/amd64': 'linux/amd64',
  'linux/x86_64': 'linux/amd64',
  'linux/arm64/v8': 'linux/arm64',
  'linux/aarch64': 'linux/arm64',
  'linux/arm/v7': 'linux/arm/v7',
  'linux/arm/v6': 'linux/arm/v5',
  'linux/arm/v8': 'linux/arm/v7',
  'linux/s390x': undefined,
  'windows/amd64': 'windows/amd64',
};

for (const [wanted, expected] of Object.entries(chosen)) {
  test(`${wanted} takes ${expected ?? 'nothing'}`, () => {
    assert.is(choosePlatform(parsePlatform(wanted), offered)?.text, expected);
  });
}

test('of equal ones the first, and one without a platform only when nothing else fits', () => {
  const wanted = parsePlatform('linux/amd64');
  assert.equal(
    choosePlatform(wanted, [{ id: 0 }, { id: 1, ...entry('linux/amd64') }, { id: 2, ...entry('linux/amd64') }] as object[]),
    {
      id: 1,
      ...entry('linux/amd64'),
    },
  );
  assert.equal(choosePlatform(wanted, [{ id: 0 }, { id: 1, ...entry('linux/arm64') }] as object[]), { id: 0 });
});

test.run();
