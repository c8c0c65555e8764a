import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import { chainIds } from '#runtime/images/digest.ts';
import { parseImageDocument, parseManifest } from '#runtime/images/image-document.ts';

const diff = (digit: string) => `sha256:${digit.repeat(64)}`;
const document = (config: unknown, more: object = {}) =>
  JSON.stringify({ os: 'linux', architecture: 'amd64', config, rootfs: { type: 'layers', diff_ids: [diff('1')] }, ...more });

test('keeps what tscompose reads, drops null and unknown members', () => {
  const config = { Cmd: ['a'], Entrypoint: null, Env: ['A=1'], Hostname: 'x', Healthcheck: { Test: ['NONE'] } };
  const parsed = parseImageDocument(document(config, { created: '2024-01-01T00:00:00Z', variant: 'v2' }), 'x');
  assert.equal(parsed.config, { Cmd: ['a'], Env: ['A=1'], Healthcheck: { Test: ['NONE'] } });
  assert.is(parsed.created, '2024-01-01T00:00:00Z');
  assert.is(parsed.variant, 'v2');
});

test('an image without configuration is fine', () => {
  assert.equal(parseImageDocument(document(undefined), 'x').config, {});
});

const bad = {
  'no JSON': '{',
  'a list': '[]',
  'no rootfs': '{}',
  'a wrong diff id': JSON.stringify({ rootfs: { diff_ids: ['sha256:12'] } }),
  'a command that is text': document({ Cmd: 'sh' }),
  'a NUL in the environment': document({ Env: ['A=\0'] }),
  'labels that are no texts': document({ Labels: { a: 1 } }),
  'an interval that is text': document({ Healthcheck: { Interval: '3s' } }),
};

for (const [what, text] of Object.entries(bad)) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => parseImageDocument(text, 'x'),
      (error: unknown) => hasCode(error, 'engine.image-invalid'),
    );
  });
}

test('a manifest needs a configuration and layers with digest and size', () => {
  const descriptor = { mediaType: 'm', digest: diff('2'), size: 3 };
  assert.equal(parseManifest(JSON.stringify({ config: descriptor, layers: [descriptor] }), 'x').layers, [descriptor]);
  for (const broken of [{}, { config: descriptor }, { config: descriptor, layers: [{ ...descriptor, size: -1 }] }]) {
    assert.throws(
      () => parseManifest(JSON.stringify(broken), 'x'),
      (error: unknown) => hasCode(error, 'engine.image-invalid'),
    );
  }
});

test('chain ids cover what lies below (values computed with sha256sum)', () => {
  const [first, second] = chainIds([diff('1'), diff('2')]);
  assert.is(first, diff('1'));
  assert.is(second, 'sha256:9932074217c35353d2e03a3f5a86549f7c67bfeb0ba53e23d69f4d4c8f7958f5');
});

test.run();
