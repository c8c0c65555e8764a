// timeout: 240s
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { engineFixture, networkSpec } from '../engine-fixture.ts';

const run = promisify(execFile);
const sleep = { command: ['sleep', '600'], init: false, stop_signal: 'SIGKILL' };
/** So many IPv6 addresses are more than the 512 bytes of a plain answer. */
const replicas = 18;

/** Asks 127.0.0.11 for AAAA records of a name by UDP, by UDP with EDNS (RFC 6891, 4,096 bytes) and by TCP, twice on one connection. */
const askScript = `
const name = process.argv[1];
const question = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([0, 0, 28, 0, 1])]);
const query = (edns) => Buffer.concat([Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, edns ? 1 : 0]), question,
  ...(edns ? [Buffer.from([0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0])] : [])]);
const told = (answer) => ({ truncated: (answer[2] & 2) !== 0, answers: answer.readUInt16BE(6), additional: answer.readUInt16BE(10), bytes: answer.length });
const udp = (edns) => new Promise((resolve, reject) => {
  const socket = require('node:dgram').createSocket('udp4');
  const again = setInterval(() => socket.send(query(edns), 53, '127.0.0.11'), 2000);
  socket.on('error', reject).on('message', (answer) => (clearInterval(again), socket.close(), resolve(told(answer))));
  socket.send(query(edns), 53, '127.0.0.11');
});
const tcp = () => new Promise((resolve, reject) => {
  const socket = require('node:net').connect(53, '127.0.0.11');
  const framed = Buffer.concat([Buffer.from([0, query(false).length]), query(false)]);
  let data = Buffer.alloc(0);
  const answers = [];
  socket.on('error', reject).on('data', (chunk) => {
    data = Buffer.concat([data, chunk]);
    while (data.length > 2 && data.length >= 2 + data.readUInt16BE(0)) {
      answers.push(told(data.subarray(2, 2 + data.readUInt16BE(0))));
      data = data.subarray(2 + data.readUInt16BE(0));
    }
    if (answers.length === 2) (socket.end(), resolve(answers));
  });
  socket.write(Buffer.concat([framed, framed]));
});
(async () => console.log(JSON.stringify([await udp(false), await udp(true), ...(await tcp())])))();
`;

test('an answer that is too long for a plain datagram is cut, with EDNS and over TCP it is whole', async () => {
  await using fixture = await engineFixture();
  const { engine } = fixture;
  await engine.createNetwork(networkSpec('net', { enableIpv6: true }));
  const make = async (number: number) => {
    const spec = { serviceName: 'many', number, endpoints: [{ network: 'net', aliases: ['many'] }] };
    const id = await fixture.create(`many-${number}`, sleep, spec);
    await engine.startContainer(id);
    return id;
  };
  const [first] = await Promise.all(Array.from({ length: replicas }, (_, index) => make(index + 1)));
  const pid = (await engine.listContainers()).find((one) => one.id === first)?.pid ?? 0;
  const argv = [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', askScript, 'many'];
  const { stdout } = await run('nsenter', argv, { timeout: 60_000, killSignal: 'SIGKILL' });
  const [plain, edns, ...streams] = JSON.parse(stdout) as readonly {
    truncated: boolean;
    answers: number;
    additional: number;
    bytes: number;
  }[]; // our own script's output
  assert.ok(plain?.truncated && plain.bytes <= 512 && plain.additional === 0, JSON.stringify(plain));
  assert.equal([edns?.truncated, edns?.answers, edns?.additional], [false, replicas, 1]);
  assert.equal(
    streams.map((one) => [one.truncated, one.answers]),
    [
      [false, replicas],
      [false, replicas],
    ],
  );
});

test.run();
