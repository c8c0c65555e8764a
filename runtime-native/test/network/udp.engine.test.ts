// timeout: 240s
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type EngineFixture, engineFixture, networkSpec } from '../engine-fixture.ts';
import { outside } from './outside.ts';
import { askScript, steadyScript, udpServer } from './udp.ts';
import { until } from './who.ts';

const run = promisify(execFile);
const sleep = { command: ['sleep', '600'], init: false, stop_signal: 'SIGKILL' };
const udp = { mode: 'ingress', protocol: 'udp' } as const;
const limits = { timeout: 120_000, killSignal: 'SIGKILL' } as const;

async function pidOf({ engine }: EngineFixture, id: string): Promise<number> {
  return (await engine.listContainers()).find((one) => one.id === id)?.pid ?? 0;
}

test('datagrams reach a published range from outside with their sender’s address, from the host and from containers', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  await fixture.engine.createNetwork(networkSpec('net', { enableIpv6: true }));
  const endpoints = [{ network: 'net', aliases: [] }];
  const ports = [0, 1, 2].map((offset) => ({ ...udp, target: 6000 + offset, published: `${24_060 + offset}` }));
  const server = await fixture.create('server', { ...sleep, ports }, { endpoints });
  const other = await fixture.create('other', sleep, { endpoints });
  for (const id of [server, other]) await fixture.engine.startContainer(id);
  await using _answers = await udpServer(await pidOf(fixture, server), 'server', [6000, 6001, 6002]);

  const { ipv4, ipv6 } = away.host;
  const asked = await away.exec([process.execPath, '-e', askScript, ...[ipv4, '24060', ipv4, '24062', ipv6, '24061']]);
  assert.equal(JSON.parse(asked), [
    `server 6000 ${away.own.ipv4}`,
    `server 6002 ${away.own.ipv4}`,
    `server 6001 ${away.own.ipv6}`,
  ]);
  const here = await run(process.execPath, ['-e', askScript, '127.0.0.1', '24061', '::1', '24062', ipv4, '24060'], limits);
  assert.match(here.stdout, /^\["server 6001 .*","server 6002 .*","server 6000 .*"\]/);
  for (const id of [server, other]) {
    const net = `--net=/proc/${await pidOf(fixture, id)}/ns/net`;
    const { stdout } = await run('nsenter', [net, process.execPath, '-e', askScript, ipv4, '24061'], limits);
    assert.match(stdout, /^\["server 6001 /, `from ${id === server ? 'itself' : 'another container'}`);
  }
});

test('a sender that never pauses reaches the new container when the old one was replaced, though nobody listened meanwhile', async () => {
  await using fixture = await engineFixture();
  await using away = outside();
  const { engine } = fixture;
  await engine.createNetwork(networkSpec('net', { pools: [{ subnet: '198.19.113.0/24' }] }));
  const make = async (name: string, ipv4Address: string) => {
    const ports = [{ ...udp, target: 6000, published: '24065' }];
    const id = await fixture.create(name, { ...sleep, ports }, { endpoints: [{ network: 'net', aliases: [], ipv4Address }] });
    await engine.startContainer(id);
    return { id, answers: await udpServer(await pidOf(fixture, id), name, [6000]) };
  };
  const old = await make('old', '198.19.113.10');
  let seen = '';
  const steady = away.exec([process.execPath, '-e', steadyScript, away.host.ipv4, '24065', 'new'], (text) => (seen += text));
  await until(async () => seen.includes('old'), 'the old container answers nobody');
  await old.answers[Symbol.asyncDispose]();
  await engine.stopContainer(old.id, {});
  await engine.removeContainer(old.id, {});
  // So many that some surely go to the host itself, where nobody is.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await using _answers = (await make('new', '198.19.113.20')).answers;
  assert.is(await steady, 'old\nnew\n');
});

test.run();
