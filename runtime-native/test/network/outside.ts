import { execFile, execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Every child has an end of its own, far beyond what a slow machine needs. */
const childLimitMs = 60_000;
/** A page that shall answer has this long; a connection that is refused does not wait for it. */
const pageLimitMs = 20_000;
/** Where packets are dropped: long enough to be believed, short enough to wait for. */
export const droppedMs = 1500;

/** `limitMs`: how long a page may take (20 s). */
export type Fetch = (urls: readonly string[], limitMs?: number) => Promise<readonly string[]>;

/** A network namespace that stands for the outside: linked to the host, with routes for nothing but that link. */
export interface Outside extends AsyncDisposable {
  /** The host's addresses on that link. */
  readonly host: { readonly ipv4: string; readonly ipv6: string };
  readonly own: { readonly ipv4: string; readonly ipv6: string };
  /** Host side of the link. */
  readonly link: string;
  /** Fetches pages one after the other from inside the namespace, each over a connection of its own; a failure is `error: …`. */
  fetch: Fetch;
  /** Runs `ip` there. */
  ip(...argv: readonly string[]): void;
  /** Runs a program there; `onOutput` has what it writes at once. */
  exec(argv: readonly string[], onOutput?: (text: string) => void): Promise<string>;
}

/** Makes the namespace below 198.18.0.0/15 and 2001:db8::/32 (RFC 2544, RFC 3849: never routed). */
export function outside(): Outside {
  const id = randomBytes(3).toString('hex');
  const [namespace, link] = [`tscout-${id}`, `tso${id}`];
  const third = freeThird();
  // As the kernel prints it: no leading zeros, and not zero itself.
  const group = ((Number.parseInt(id.slice(2), 16) % 0xfffe) + 1).toString(16);
  const host = { ipv4: `198.18.${third}.1`, ipv6: `2001:db8:${group}::1` };
  const own = { ipv4: `198.18.${third}.2`, ipv6: `2001:db8:${group}::2` };
  const ip = (...argv: readonly string[]): void => void execFileSync('ip', argv, { timeout: childLimitMs });
  ip('netns', 'add', namespace);
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
  ip('addr', 'add', `${host.ipv4}/24`, 'dev', link);
  ip('addr', 'add', `${host.ipv6}/64`, 'dev', link, 'nodad');
  ip('link', 'set', link, 'addrgenmode', 'none', 'up');
  ip('addr', 'add', 'fe80::1/64', 'dev', link, 'nodad');
  const inside = (...argv: readonly string[]): void => ip('-n', namespace, ...argv);
  inside('addr', 'add', `${own.ipv4}/24`, 'dev', 'eth0');
  inside('addr', 'add', `${own.ipv6}/64`, 'dev', 'eth0', 'nodad');
  inside('link', 'set', 'lo', 'up');
  inside('link', 'set', 'eth0', 'up');
  const exec = async (argv: readonly string[], onOutput?: (text: string) => void) =>
    output(['ip', 'netns', 'exec', namespace, ...argv], onOutput);
  return {
    host,
    own,
    link,
    ip: inside,
    exec,
    fetch: async (urls, limitMs = pageLimitMs) =>
      JSON.parse(await exec([process.execPath, '-e', fetchScript, `${limitMs}`, ...urls])) as readonly string[], // our own script's output
    async [Symbol.asyncDispose]() {
      ip('netns', 'delete', namespace);
      // The namespace dies later than its name.
      execFileSync('sh', ['-c', `ip link delete ${link} 2>/dev/null || true`], { timeout: childLimitMs });
    },
  };
}

/** Fetches pages from the host itself. */
export const fetchHere: Fetch = async (urls, limitMs = pageLimitMs) =>
  JSON.parse(await output([process.execPath, '-e', fetchScript, `${limitMs}`, ...urls])) as readonly string[]; // our own script's output

async function output([file = '', ...argv]: readonly string[], onOutput?: (text: string) => void): Promise<string> {
  const running = run(file, argv, { timeout: childLimitMs, killSignal: 'SIGKILL' });
  if (onOutput !== undefined) running.child.stdout?.on('data', (chunk) => onOutput(String(chunk)));
  return (await running).stdout;
}

/** Third number of a /24 of 198.18.0.0/16 that no link has: one may be left of a test that was killed. */
function freeThird(): number {
  const routes = execFileSync('ip', ['-4', 'route', 'show', 'table', 'all'], { encoding: 'utf8', timeout: childLimitMs });
  const first = randomInt(256);
  for (let offset = 0; offset < 256; offset++) {
    const third = (first + offset) % 256;
    if (!routes.includes(`198.18.${third}.`)) return third;
  }
  throw new Error('every /24 of 198.18.0.0/16 is in use: delete the links tso… and the namespaces tscout-… that tests have left');
}

const fetchScript = `
const http = require('node:http');
const limit = Number(process.argv[1]);
const get = (url) => new Promise((resolve) => {
  const request = http.get(url, { agent: false, timeout: limit }, (response) => {
    let text = '';
    response.on('data', (chunk) => (text += chunk)).on('end', () => resolve(text.trim())).on('error', (error) => resolve('error: ' + error.code));
  });
  request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' }))).on('error', (error) => resolve('error: ' + error.code));
});
(async () => {
  const texts = [];
  for (const url of process.argv.slice(2)) texts.push(await get(url));
  console.log(JSON.stringify(texts));
})();
`;
