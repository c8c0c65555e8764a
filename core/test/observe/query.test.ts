import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { observeQuery } from '#core/observe/query.ts';
import { projectOf } from '../plan/stack.ts';

test('asks for everything that planning needs, each once and sorted', () => {
  const { services, ...query } = observeQuery(
    projectOf(`services:
  web: {image: b, networks: [n], ports: ["8080:80", "127.0.0.1:53:53", "9000-9005:9", "80"], configs: [{source: c}], secrets: [{source: s}, {source: inline}]}
  two: {image: b, secrets: [{source: s}], volumes: [{type: image, source: a, target: /t}]}
  built: {image: ~, build: {context: .}}
disabled: {off: {image: off}}
networks: {n: {name: real}}
volumes: {v: {}}
configs: {c: {file: /w/c}, unused: {file: /w/u}}
secrets: {s: {file: /w/s}, inline: {content: x}}`),
  );
  assert.equal(Object.keys(services ?? {}), ['built', 'two', 'web']);
  assert.equal(query, {
    project: 'p',
    images: ['a', 'b', 'p-built'],
    networks: ['p_default', 'real'],
    volumes: ['p_v'],
    ports: [
      { hostIp: '127.0.0.1', port: 53, protocol: 'tcp' },
      { hostIp: '', port: 8080, protocol: 'tcp' },
    ],
    files: ['/w/c', '/w/s'],
  });
});

test.run();
