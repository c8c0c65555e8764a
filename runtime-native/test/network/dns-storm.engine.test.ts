// timeout: 300s
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { engineFixture, networkSpec } from '../engine-fixture.ts';

/** Time in which a container may have had an address, from before its start was asked for to after its end was reported. */
interface Tenancy {
  readonly name: string;
  readonly address: string;
  readonly from: number;
  to: number;
}

interface Answer {
  readonly name: string;
  readonly asked: number;
  readonly answered: number;
  readonly addresses: readonly string[];
  readonly error?: string;
}

/** Milliseconds of the monotonic clock, which is the same in all processes. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const count = 50;
/** Containers made anew, and look-ups that found something: both are reached, however slow the machine is. */
const enough = { restarts: 60, found: 1000 };

/** Asks for random names as fast as it can until its input ends; runs with the host's Node in the container's network namespace. */
const lookerScript = `
const { Resolver } = require('node:dns').promises;
const resolver = new Resolver({ timeout: 60_000, tries: 1 });
resolver.setServers(['127.0.0.11']);
const now = () => Number(process.hrtime.bigint()) / 1e6;
const answers = [];
let found = 0;
let isStorm = true;
process.stdin.on('end', () => (isStorm = false)).resume();
const ask = async () => {
  while (isStorm || found < ${enough.found}) {
    const name = 's' + Math.floor(Math.random() * ${count});
    const asked = now();
    const answer = await resolver.resolve4(name).then((addresses) => ({ addresses }), (error) => ({ addresses: [], error: error.code }));
    answers.push({ name, asked, answered: now(), ...answer });
    if (answer.addresses.length > 0) found++;
  }
};
Promise.all([ask(), ask(), ask(), ask()]).then(() => console.log(JSON.stringify(answers)));
`;

test('50 containers that are made anew all the time, under constant look-ups: never an address of somebody else', async () => {
  await using fixture = await engineFixture();
  const { engine } = fixture;
  // Internal: a name that is gone for a moment is NXDOMAIN, not a question to the host's servers.
  await engine.createNetwork(networkSpec('storm', { internal: true }));
  const tenancies: Tenancy[] = [];
  const service = { command: ['sleep', '600'], init: false, stop_signal: 'SIGKILL' };
  const begin = async (name: string) => {
    const from = now();
    const id = await fixture.create(name, service, { endpoints: [{ network: 'storm', aliases: [name] }] });
    await engine.startContainer(id);
    const address = (await engine.listContainers()).find((one) => one.id === id)?.endpoints[0]?.ipv4 ?? '';
    const tenancy: Tenancy = { name, address, from, to: Number.POSITIVE_INFINITY };
    tenancies.push(tenancy);
    return { id, name, tenancy };
  };
  const looker = await begin('looker');
  const pid = (await engine.listContainers()).find((one) => one.id === looker.id)?.pid ?? 0;
  const running: Awaited<ReturnType<typeof begin>>[] = [];
  for (let index = 0; index < count; index++) running.push(await begin(`s${index}`));

  const child = spawn('nsenter', [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', lookerScript], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 200_000,
    killSignal: 'SIGKILL',
  });
  const output = text(child.stdout);
  let restarts = 0;
  const storm = async () => {
    while (restarts < enough.restarts) {
      // Two at once that come back in the other order: each gets the other's address.
      const pair = [0, 1].flatMap(() => running.splice(Math.floor(Math.random() * running.length), 1));
      for (const old of pair) {
        await engine.stopContainer(old.id, { timeoutMs: 0 });
        old.tenancy.to = now();
      }
      for (const old of pair) await engine.removeContainer(old.id, {});
      for (const old of pair.toSorted((a, b) => (a.tenancy.address < b.tenancy.address ? 1 : -1))) {
        running.push(await begin(old.name));
        restarts++;
      }
    }
  };
  await Promise.all([storm(), storm()]);
  child.stdin.end();
  const answers = JSON.parse(await output) as readonly Answer[]; // our own script's output

  const isRight = ({ name, asked, answered }: Answer, address: string) =>
    tenancies.some((one) => one.name === name && one.address === address && one.from <= answered && one.to >= asked);
  const wrong = answers.filter((one) => one.addresses.some((address) => !isRight(one, address)));
  assert.equal(wrong, [], 'a wrong answer');
  const failed = answers.filter((one) => one.error !== undefined && one.error !== 'ENOTFOUND');
  assert.equal(failed, [], 'a failure');
  const found = answers.filter((one) => one.addresses.length > 0);
  const moved = new Set(tenancies.map((one) => `${one.name} ${one.address}`)).size - count - 1;
  console.log(`# ${answers.length} look-ups, ${found.length} found, ${restarts} restarts, ${moved} with another address`);
  assert.ok(found.length >= enough.found && moved > 0, 'the storm was one');
});

test.run();
