import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { cli } from './harness.ts';

const compose = `
name: app
services:
  web:
    image: nginx
    ports: ["8080:80", "127.0.0.1:9000:9000", "192.0.2.7:53:53/udp"]
`;

test('exposure shows the widest reach first, for all projects or some', async () => {
  await using app = await cli(memoryEngine({ images: ['nginx'] }), compose);
  assert.is((await app.run('up', '-d')).status, 0);
  const lines = (await app.run('exposure')).stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/).slice(0, 4).join('|').trim());
  assert.equal(lines, [
    'REACHED BY|ADDRESS|PORT|PROJECT',
    'everyone|*|8080/tcp|app',
    'that network|192.0.2.7|53/udp|app',
    'this machine|127.0.0.1|9000/tcp|app',
  ]);
  assert.is(JSON.parse((await app.run('exposure', 'app', '--format', 'json')).stdout).length, 3);
  assert.equal(JSON.parse((await app.run('exposure', 'other', '--format', 'json')).stdout), []);
});

test.run();
