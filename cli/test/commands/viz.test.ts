import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { cli } from './harness.ts';

const compose = `
name: app
services:
  web:
    image: "nginx<b>"
    ports: ["8080:80", "127.0.0.1:53:53/udp", "90"]
    depends_on: {db: {condition: service_healthy}, setup: {condition: service_completed_successfully}}
    networks: [front, back]
  db:
    image: postgres
    volumes: [data:/data]
    networks: [back]
  setup:
    build: .
    networks: [back]
volumes: {data: {}}
networks: {front: {}, back: {}}
`;

test('viz prints a Graphviz graph, as does alpha viz', async () => {
  await using app = await cli(memoryEngine(), compose);
  const plain = await app.run('viz', '--spaces', '--indentation-size', '2');
  assert.is(
    plain.stdout,
    `digraph "app" {
  layout=dot;
  "db" [style="filled" label=<<font point-size="15">db</font>>];
  "setup" [style="filled" label=<<font point-size="15">setup</font>>];
  "web" [style="filled" label=<<font point-size="15">web</font>>];
  "web" -> "db";
  "web" -> "setup";
}
`,
  );
  const full = await app.run('alpha', 'viz', '--image', '--ports', '--networks');
  assert.match(full.stdout, '\n\t"web" [');
  for (const text of ['8080-&gt;80/tcp', '127.0.0.1:53-&gt;53/udp', '>90/tcp<', 'nginx&lt;b&gt;', '>front<']) {
    assert.ok(full.stdout.includes(text), text);
  }
});

test('viz --format svg draws boxes, arrows by condition, networks and what is kept', async () => {
  await using app = await cli(memoryEngine(), compose);
  const { stdout, status } = await app.run('viz', '--format', 'svg');
  assert.is(status, 0);
  assert.is(stdout.match(/<rect /g)?.length, 4, 'the ground and three services');
  assert.is(stdout.match(/marker-end/g)?.length, 2);
  for (const text of [
    'stroke-dasharray="6 4"',
    'service_healthy',
    '▤ data:/data',
    'built here',
    'nginx&lt;b&gt;',
    '● network back',
  ]) {
    assert.ok(stdout.includes(text), text);
  }
});

test.run();
