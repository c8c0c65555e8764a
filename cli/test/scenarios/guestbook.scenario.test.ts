// timeout: 180s
import { cp } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expect, scenario, type World } from '../scenario.ts';

const port = 18084;
const sample = new URL('../../../samples/guestbook', import.meta.url).pathname;

async function write(text: string): Promise<void> {
  const body = new URLSearchParams({ author: 'scenario', text });
  const answer = await fetch(`http://127.0.0.1:${port}/entries`, { method: 'POST', body, redirect: 'manual' });
  assert.ok(answer.status < 400, `POST /entries answered ${answer.status}: ${await answer.text()}`);
}

const holds =
  (text: string) =>
  async (_world: World): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${port}/entries.json`);
    assert.match(await answer.text(), new RegExp(text));
  };

scenario('the guestbook keeps its entries through stop, start, down and up')
  .images('nginx', 'postgres', 'guestbook-app')
  .act('the sample with a port of its own', async (world) => {
    await cp(sample, world.directory, { recursive: true });
    const { appendFile } = await import('node:fs/promises');
    await appendFile(`${world.directory}/.env`, `\nGUESTBOOK_PORT=${port}\nCOMPOSE_PROJECT_NAME=app\n`);
  })
  .step('up -d --wait', ['up', '-d', '--wait'], expect.healthy('proxy'), expect.healthy('app'), expect.healthy('db'))
  .act('an entry goes proxy → app → database', () => write('first entry'))
  .act('and comes back', holds('first entry'))
  .step('the page is there', ['ps'], expect.http(`http://127.0.0.1:${port}/`, /<html/i))
  .step('the secret is not in the plan, nor in config', ['config'], expect.noOutput(/guestbook-secret/))
  .step('stop', ['stop'])
  .step('start --wait', ['start', '--wait'], expect.healthy('app'))
  .act('the entry is there', holds('first entry'))
  .step('down', ['down'])
  .step('up -d --wait', ['up', '-d', '--wait'])
  .act('the entry is there after down and up', holds('first entry'))
  .test();

test.run();
