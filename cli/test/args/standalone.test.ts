import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fromPlugin, fromStandalone } from '../../args/standalone.ts';

const rows: readonly [readonly string[], readonly string[]][] = [
  [
    ['up', '-d'],
    ['up', '-d'],
  ],
  [
    ['--verbose', 'up'],
    ['--verbose', 'up'],
  ],
  [['-v'], ['version']],
  [
    ['--version', '--short'],
    ['version', '--short'],
  ],
  [['-H', 'tcp://x', 'ps'], ['ps']],
  [
    ['--host=tcp://x', '--tls', 'ps', '-H'],
    ['ps', '-H'],
  ],
  [
    ['-f', 'a.yaml', '--tlsverify', 'down', '-v'],
    ['-f', 'a.yaml', 'down', '-v'],
  ],
  [
    ['-p', 'up', 'ps'],
    ['-p', 'up', 'ps'],
  ],
  [['-f'], ['-f']],
  [[], []],
];

for (const [argv, expected] of rows) {
  test(`docker-compose ${argv.join(' ')}`, () => assert.equal(fromStandalone(argv), expected));
}

test('docker compose: what is for docker itself goes', () => {
  assert.equal(fromPlugin(['--context', 'x', '-D', 'compose', '-f', 'a', 'up']), ['-f', 'a', 'up']);
  assert.equal(fromPlugin(['--log-level=debug', 'compose', 'ps']), ['ps']);
  assert.equal(fromPlugin(['ps']), ['ps']);
});

test.run();
