// Runs with the host's Node in a network namespace: a server that takes or echoes bytes, or a client that measures it.
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

const [mode, ...rest] = process.argv.slice(2);
const percentile = (values, part) => values.toSorted((a, b) => a - b)[Math.floor(values.length * part)];
const modes = { serve, throughput, latency, dns };
await modes[mode](...rest);

/** The first byte of a connection says what it is: `e` is echoed, anything else thrown away. */
function serve(port) {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', (first) => {
      if (first[0] === 101) socket.write(first);
      socket.on('data', first[0] === 101 ? (chunk) => socket.write(chunk) : () => {});
      socket.on('end', () => socket.end());
    });
  });
  server.listen(Number(port), '::', () => console.log('ready'));
}

/** Gbit/s of one connection over `seconds`. */
async function throughput(host, port, seconds) {
  const socket = connect({ host, port: Number(port) });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const chunk = Buffer.alloc(1 << 20, 120);
  const started = performance.now();
  while (performance.now() - started < Number(seconds) * 1000) {
    if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  await new Promise((resolve) => socket.resume().once('close', resolve).end());
  console.log(JSON.stringify((socket.bytesWritten * 8) / ((performance.now() - started) / 1000) / 1e9));
}

/** Median round trip of one byte in microseconds. */
async function latency(host, port, seconds) {
  const socket = connect({ host, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const taken = [];
  const end = performance.now() + Number(seconds) * 1000;
  while (performance.now() < end) {
    const started = performance.now();
    socket.write('e');
    await new Promise((resolve) => socket.once('data', resolve));
    taken.push((performance.now() - started) * 1000);
  }
  socket.destroy();
  console.log(JSON.stringify(percentile(taken, 0.5)));
}

/** Queries per second with 32 under way, and the median of single ones in microseconds. */
async function dns(name, seconds) {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.connect(53, '127.0.0.11', resolve));
  const labels = Buffer.concat([
    ...name.split('.').map((one) => Buffer.from(`${String.fromCharCode(one.length)}${one}`)),
    Buffer.from([0, 0, 1, 0, 1]),
  ]);
  const query = Buffer.concat([Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), labels]);
  const single = [];
  let end = performance.now() + Number(seconds) * 1000;
  while (performance.now() < end) {
    const started = performance.now();
    socket.send(query);
    await new Promise((resolve) => socket.once('message', resolve));
    single.push((performance.now() - started) * 1000);
  }
  let answers = 0;
  end = performance.now() + Number(seconds) * 1000;
  const done = new Promise((resolve) => {
    socket.on('message', () => {
      answers++;
      if (performance.now() < end) socket.send(query);
      else resolve();
    });
  });
  for (let index = 0; index < 32; index++) socket.send(query);
  await done;
  socket.close();
  console.log(JSON.stringify({ perSecond: answers / Number(seconds), medianUs: percentile(single, 0.5) }));
}
