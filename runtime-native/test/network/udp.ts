import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Script that sends a datagram to each `address port` until an answer comes, 20 s at most, and prints the answers as JSON. */
export const askScript = `
const { createSocket } = require('node:dgram');
const ask = (address, port) => new Promise((resolve) => {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const send = () => socket.send('?', port, address, () => {});
  const again = setInterval(send, 300);
  const end = (text) => (clearInterval(again), clearTimeout(limit), socket.close(), resolve(text));
  const limit = setTimeout(() => end('error: no answer'), 20000);
  socket.on('error', () => {}).on('message', (text) => end(String(text)));
  send();
});
(async () => {
  const answers = [];
  for (let at = 1; at < process.argv.length; at += 2) answers.push(await ask(process.argv[at], Number(process.argv[at + 1])));
  console.log(JSON.stringify(answers));
})();
`;

/** Script that sends from one socket every 50 ms without a pause, and ends when the answer is the wanted one. */
export const steadyScript = `
const socket = require('node:dgram').createSocket('udp4');
const [, address, port, wanted] = process.argv;
setInterval(() => socket.send('?', Number(port), address, () => {}), 50);
const seen = new Set();
socket.on('error', () => {}).on('message', (text) => {
  const name = String(text).split(' ')[0];
  if (!seen.has(name)) console.log(name);
  seen.add(name);
  if (name === wanted) process.exit();
});
`;

const serverScript = `
const [, name, ...ports] = process.argv;
for (const port of ports) {
  const socket = require('node:dgram').createSocket('udp6');
  socket.on('message', (_, from) => socket.send(name + ' ' + port + ' ' + from.address.replace('::ffff:', ''), from.port, from.address));
  socket.bind(Number(port), '::', () => console.log('bound'));
}
`;

/** Answers datagrams in a process's network namespace with its name, the port and the asker's address; resolves when it is bound. */
export async function udpServer(pid: number, name: string, ports: readonly number[]): Promise<AsyncDisposable> {
  const argv = [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', serverScript, name, ...ports.map(String)];
  const child = spawn('nsenter', argv, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 240_000, killSignal: 'SIGKILL' });
  let bound = '';
  for await (const chunk of child.stdout) {
    bound += String(chunk);
    if (bound.split('\n').length > ports.length) break;
  }
  return {
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
