import { join } from 'node:path';
import { proveGuestbook } from './demo/prove-guestbook.ts';
import { type Tscompose, tscomposeIn } from './demo/tscompose.ts';
import { startClock } from './prepare/clock.ts';
import { prepare } from './prepare/prepare.ts';

const root = join(import.meta.dirname, '..');
const sample = 'samples/guestbook';

/**
 * `npm run demo`: from a bare machine to a guestbook that answers. With `down` it takes the guestbook down (entries
 * stay; `down -v` forgets them). Returns the exit status; on failure nothing that it started is left.
 */
async function demo(args: readonly string[], signal: AbortSignal): Promise<number> {
  const say = startClock();
  const guestbook = tscomposeIn(root, sample);
  if (process.getuid?.() !== 0) {
    process.stderr.write('The engine needs root for now: run "sudo npm run demo".\n');
    return 1;
  }
  if (args[0] === 'down') {
    say(`tscompose ${args.join(' ')} in ${sample}`);
    return guestbook.show(...args);
  }
  let before: Before | undefined;
  try {
    await prepare({ root, say, images: ['debian'], into: 'store' });
    signal.throwIfAborted();
    before = await whatIsThere(guestbook);
    await bringUp({ guestbook, say, signal });
    return 0;
  } catch (error) {
    say(`the demonstration failed: ${error instanceof Error ? error.message : String(error)}`);
    if (before !== undefined) await takeBack(guestbook, before, say);
    return 1;
  }
}

interface Stage {
  readonly guestbook: Tscompose;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

async function bringUp({ guestbook, say, signal }: Stage): Promise<void> {
  say(`tscompose up -d --wait in ${sample}`);
  const status = await guestbook.show('up', '-d', '--wait');
  signal.throwIfAborted();
  if (status !== 0) throw new Error(`"tscompose up -d --wait" ended with status ${status}`);
  say('tscompose ps');
  await guestbook.show('ps');
  const published = await guestbook.ask('port', 'proxy', '80');
  const port = /:(\d+)$/.exec(published ?? '')?.[1];
  if (port === undefined) throw new Error(`"tscompose port proxy 80" does not name a port: ${published ?? 'it failed'}`);
  const address = `http://localhost:${port}`;
  say(`${address}: a page through the proxy, an entry to the database and back`);
  signal.throwIfAborted();
  const proof = await proveGuestbook(address, `Written by the demonstration at ${new Date().toISOString()}`);
  say(`read back: "${proof.entry}" (${proof.entryCount} entries)`);
  process.stdout.write(`\nThe guestbook is up: open ${address}\nTake it down with: npm run demo -- down\n`);
}

interface Before {
  readonly wasUp: boolean;
  /** Entries of an earlier run; true also when we cannot tell. */
  readonly hadVolume: boolean;
}

async function whatIsThere(guestbook: Tscompose): Promise<Before> {
  const containers = await guestbook.ask('ps', '-a', '-q');
  const volumes = await guestbook.ask('volumes', '-q');
  return { wasUp: containers !== '', hadVolume: volumes !== '' };
}

/** Leaves the machine as it was: a guestbook that ran before keeps running, entries of earlier runs stay. */
async function takeBack(guestbook: Tscompose, before: Before, say: (text: string) => void): Promise<void> {
  if (before.wasUp) {
    say('it was up before, so it stays: "npm run demo -- down" takes it down');
    return;
  }
  await guestbook.show('ps', '-a');
  await guestbook.show('logs', '--tail', '20');
  const down = before.hadVolume ? ['down'] : ['down', '-v'];
  say(`taking down what was started: tscompose ${down.join(' ')}`);
  await guestbook.show(...down);
}

// The running program gets Ctrl-C itself; we only remember it, so that what was started can be taken down.
const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => controller.abort(new Error('interrupted')));
process.exitCode = await demo(process.argv.slice(2), controller.signal);
