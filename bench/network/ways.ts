import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export const serverPort = 9000;
export const publishedPort = 24_090;
const peer = join(import.meta.dirname, 'peer.mjs');
const seconds = '2';

/** Two containers of one engine, by the pids of their processes; `host`: a process in the network namespace of their host. */
export interface Pair {
  readonly server: { readonly pid: number; readonly ipv4: string };
  readonly client: { readonly pid: number };
  readonly host: { readonly pid: number };
}

export interface Measured {
  readonly what: string;
  readonly figures: readonly string[];
}

/** Throughput and round trip on every way to the server, and look-ups of its name. */
export async function measureWays({ server, client, host }: Pair): Promise<readonly Measured[]> {
  await using _serving = await serve(server.pid);
  const gateway = server.ipv4.replace(/\.\d+$/, '.1');
  const ways = [
    { what: 'container → container', pid: client.pid, host: server.ipv4, port: serverPort },
    { what: 'container → published port of the host', pid: client.pid, host: gateway, port: publishedPort },
    { what: 'host → published port on its address', pid: host.pid, host: gateway, port: publishedPort },
    { what: 'host → published port on 127.0.0.1', pid: host.pid, host: '127.0.0.1', port: publishedPort },
  ];
  const rows: Measured[] = [];
  for (const way of ways) {
    const gigabits = Number(await measure(way.pid, ['throughput', way.host, `${way.port}`, seconds]));
    const microseconds = Number(await measure(way.pid, ['latency', way.host, `${way.port}`, seconds]));
    rows.push({ what: way.what, figures: [`${gigabits.toFixed(1)} Gbit/s`, `${microseconds.toFixed(0)} µs`] });
  }
  const dns = (await measure(client.pid, ['dns', 'server', seconds])) as { perSecond: number; medianUs: number }; // our own script's output
  return [
    ...rows,
    { what: 'look-up of a service', figures: [`${dns.perSecond.toFixed(0)} /s`, `${dns.medianUs.toFixed(0)} µs`] },
  ];
}

function spawnPeer(pid: number, argv: readonly string[]) {
  const all = [`--net=/proc/${pid}/ns/net`, process.execPath, peer, ...argv];
  return spawn('nsenter', all, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 120_000, killSignal: 'SIGKILL' });
}

async function serve(pid: number): Promise<AsyncDisposable> {
  const child = spawnPeer(pid, ['serve', `${serverPort}`]);
  await once(child.stdout, 'data');
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function measure(pid: number, argv: readonly string[]): Promise<unknown> {
  const output = await text(spawnPeer(pid, argv).stdout);
  if (output === '') throw new Error(`no figure: ${argv.join(' ')}`);
  return JSON.parse(output);
}

/** How long something takes, in words. */
export async function taken(body: () => Promise<unknown>): Promise<string> {
  const started = performance.now();
  await body();
  return `${(performance.now() - started).toFixed(0)} ms`;
}
