import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleJson } from '#runtime/bundle/bundle.ts';
import { effectiveArgv, effectiveEnvironment, extendEnvironment, rlimits } from '#runtime/bundle/process.ts';

const image = { Entrypoint: ['/entry'], Cmd: ['serve'], Env: ['A=image', 'B=image', 'PATH=/image'] };

test('argv: null takes the image, any entrypoint sets the image command aside', () => {
  assert.equal(effectiveArgv({ entrypoint: null, command: null }, image), ['/entry', 'serve']);
  assert.equal(effectiveArgv({ entrypoint: null, command: ['x'] }, image), ['/entry', 'x']);
  assert.equal(effectiveArgv({ entrypoint: ['/own'], command: null }, image), ['/own']);
  assert.equal(effectiveArgv({ entrypoint: [], command: ['x'] }, image), ['x']);
  assert.equal(effectiveArgv({ entrypoint: [''], command: ['x'] }, image), ['x']);
  assert.equal(effectiveArgv({ entrypoint: null, command: [] }, image), ['/entry']);
  assert.equal(effectiveArgv({ entrypoint: null, command: null }, {}), []);
});

test('environment: service over image over defaults, null unsets', () => {
  const environment = { A: 'service', B: null };
  const env = effectiveEnvironment({ image, environment, hostname: 'box', home: '/home/app', tty: true });
  assert.equal([...env].sort(), ['A=service', 'HOME=/home/app', 'HOSTNAME=box', 'PATH=/image', 'TERM=xterm']);
});

test('extended environment: entries replace, bare names remove', () => {
  assert.equal(extendEnvironment(['A=1', 'B=2'], ['A=3', 'B', 'C=x=y']), ['A=3', 'C=x=y']);
});

test('unlimited limits are written as the exact number that the runtimes parse', () => {
  assert.is(
    bundleJson(rlimits({ memlock: -1, nofile: { soft: 10, hard: 20 } })),
    '[{"type":"RLIMIT_MEMLOCK","soft":18446744073709551615,"hard":18446744073709551615},{"type":"RLIMIT_NOFILE","soft":10,"hard":20}]',
  );
});

test.run();
