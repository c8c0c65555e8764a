import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { canonicalJson } from '#core/model/canonical-json.ts';
import { Secret } from '#core/model/project.ts';
import { networkHash, volumeHash } from '#core/model/resource-hash.ts';
import { definitionHash, looksSecret, serviceDefinition } from '#core/model/service-hash.ts';
import { projectOf } from '../plan/stack.ts';

function definition(text: string, fileDigests: Readonly<Record<string, string | null>> = {}): string {
  const project = projectOf(text);
  return serviceDefinition({
    project,
    name: 'web',
    service: project.services['web'] ?? { command: null, entrypoint: null },
    fileDigests,
  });
}

test('canonical JSON: sorted keys, no undefined, secrets hidden', () => {
  assert.is(canonicalJson({ b: [{ d: 1, c: undefined }], a: null, s: new Secret('x') }), '{"a":null,"b":[{"d":1}],"s":"***"}');
});

test('secrets are in the definition only as digests that tell a change', () => {
  const text = definition(
    'services: {web: {environment: {API_KEY: hunter2, PLAIN: shown}, pre_stop: [{command: [x], environment: {TOKEN: hunter3}}], secrets: [{source: s}]}}\nsecrets: {s: {content: hunter4}}',
  );
  assert.not.match(text, /hunter/);
  assert.match(text, /"PLAIN":"shown"/);
  assert.is.not(text, definition('services: {web: {environment: {API_KEY: other, PLAIN: shown}}}'));
});

test('names that look secret', () => {
  assert.equal(['DB_PASSWORD', 'api_token', 'SECRET', 'SSH_KEY', 'AWS_CREDENTIALS'].filter(looksSecret).length, 5);
  assert.equal(['PATH', 'HOME', 'DB_HOST'].filter(looksSecret), []);
});

test('the content of files counts, where they are does not hide it', () => {
  const file = 'services: {web: {configs: [{source: c}]}}\nconfigs: {c: {file: /w/c}}';
  const digests = ['sha256:1', 'sha256:2', null].map((digest) => definitionHash(definition(file, { '/w/c': digest })));
  assert.is(new Set(digests).size, 3);
});

test('network and volume hashes: defaults count like nothing', () => {
  assert.is(networkHash({ name: 'n' }), networkHash({ name: 'n', driver: 'bridge', ipam: {} }));
  assert.is.not(networkHash({ name: 'n' }), networkHash({ name: 'n', internal: true }));
  assert.is(volumeHash({ name: 'v' }), volumeHash({ name: 'v', driver: 'local' }));
  assert.is.not(volumeHash({ name: 'v' }), volumeHash({ name: 'v', labels: { a: 'b' } }));
});

test.run();
