/**
 * Fixture of the supervisor's tests: a scratch root with a busybox file system, specifications for containers in it,
 * the launcher, and a client of the control socket. Everything is removed at the end of the test.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlReply, LaunchReply, SupervisorSpec, SupervisorStatus } from '#schemas/supervisor-protocol.ts';

const home = join(import.meta.dirname, '..');
/** `TSCOMPOSE_SUPERVISOR` runs the same tests against another build, such as the one with sanitizers. */
export const supervisor = process.env['TSCOMPOSE_SUPERVISOR'] ?? join(home, 'build', 'tscompose-supervisor');
const busybox = '/usr/bin/busybox';
const applets = [
  'sh',
  'sleep',
  'echo',
  'cat',
  'true',
  'false',
  'ls',
  'id',
  'ps',
  'seq',
  'yes',
  'dd',
  'kill',
  'stty',
  'head',
  'ip',
  'nslookup',
  'nc',
  'stat',
  'touch',
  'wc',
  'tty',
  'printf',
  'env',
];
const capabilities = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
];

export type RuntimeKind = 'crun' | 'runc' | 'fake';

export type SpecChanges = { readonly [Key in keyof SupervisorSpec]?: SupervisorSpec[Key] } & {
  readonly args?: readonly string[];
};

export interface World extends AsyncDisposable {
  readonly root: string;
  /** Writes bundle and specification of a container; nothing runs yet. */
  container(name: string, changes: SpecChanges): Container;
  /** One launcher for all requests; replies in the order of the requests. */
  launch(requests: readonly { readonly op: 'start' | 'cleanup'; readonly container: Container }[]): Promise<LaunchReply[]>;
}

export interface Container {
  readonly id: string;
  readonly spec: SupervisorSpec;
  status(): SupervisorStatus | undefined;
  finalStatus(): SupervisorStatus | undefined;
  /** Waits until the status satisfies the condition. */
  until(condition: (status: SupervisorStatus) => boolean, timeoutMs?: number): Promise<SupervisorStatus>;
  log(): { log: string; stream: string; time: string }[];
  /** Connects and sends the request; see Session. */
  request(request: Record<string, unknown>): Session;
  /** A request that has one reply. */
  call(request: Record<string, unknown>): Promise<ControlReply>;
  start(): Promise<LaunchReply>;
}

export interface Session {
  readonly socket: Socket;
  readonly replies: ControlReply[];
  output: { readonly stdout: () => string; readonly stderr: () => string };
  send(channel: number, payload: string | Buffer): void;
  until(condition: () => boolean, timeoutMs?: number): Promise<void>;
  closed: Promise<void>;
}

/** The parent of all cgroups of one test process; removed with each world. */
const cgroupParent = `tsv-${process.pid}`;

/** What `process` of an exec request needs besides its arguments. */
export function execProcess(args: readonly string[], terminal = false): Record<string, unknown> {
  return {
    terminal,
    user: { uid: 0, gid: 0 },
    args,
    env: ['PATH=/bin', 'TERM=xterm'],
    cwd: '/',
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
  };
}

/** Waits for a condition that another process brings about. */
export async function eventually<T>(probe: () => T | undefined | false, timeoutMs = 5000): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${probe}`);
    await sleep(5);
  }
}

export function makeWorld(kind: RuntimeKind): World {
  const root = mkdtempSync('/tmp/tsv-');
  const lower = join(root, 'lower');
  for (const directory of ['bin', 'proc', 'sys', 'dev', 'tmp', 'etc', 'data'])
    mkdirSync(join(lower, directory), { recursive: true });
  copyFileSync(busybox, join(lower, 'bin', 'busybox'));
  for (const applet of applets) symlinkSync('busybox', join(lower, 'bin', applet));
  writeFileSync(join(lower, 'bin', 'unexecutable'), 'x');
  chmodSync(join(lower, 'bin', 'unexecutable'), 0o644);
  const containers: Container[] = [];
  const world: World = {
    root,
    container(name, changes) {
      const container = makeContainer(root, kind, name, changes, () => world);
      containers.push(container);
      return container;
    },
    launch: (requests) => launch(requests.map(({ op, container }) => ({ op, runDir: container.spec.runDir }))),
    async [Symbol.asyncDispose]() {
      for (const container of containers) await end(container);
      await launch(containers.map((container) => ({ op: 'cleanup' as const, runDir: container.spec.runDir })));
      // The supervisors' mount namespaces may take a moment to let go of the overlay.
      await eventually(() => tryRemove(root));
      for (const hierarchy of readdirSync('/sys/fs/cgroup')) {
        const parent = join('/sys/fs/cgroup', hierarchy, cgroupParent);
        if (existsSync(parent)) rmdirSync(parent);
      }
    },
  };
  return world;
}

function tryRemove(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    return false; // busy; the caller tries again
  }
}

async function end(container: Container): Promise<void> {
  const status = container.status();
  if (status === undefined || status.state === 'exited' || !existsSync(`/proc/${status.supervisorPid}`)) return;
  try {
    await container.call({ op: 'stop', timeoutMs: 0 });
  } catch {
    // It ended by itself meanwhile.
  }
}

export async function launch(requests: readonly { readonly op: string; readonly runDir: string }[]): Promise<LaunchReply[]> {
  if (requests.length === 0) return [];
  const child = spawn(supervisor, ['launch'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const replies = new Map<number, LaunchReply>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = JSON.parse(line) as LaunchReply;
    replies.set(reply.id, reply);
  });
  child.stdin.end(requests.map((request, id) => `${JSON.stringify({ id, ...request })}\n`).join(''));
  await ended(child);
  return requests.map((request, id) => {
    const reply = replies.get(id);
    if (reply === undefined) throw new Error(`no reply to ${JSON.stringify(request)}`);
    return reply;
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`launcher ended with ${code}`))));
  });
}

function makeContainer(root: string, kind: RuntimeKind, name: string, changes: SpecChanges, world: () => World): Container {
  const id = `${name}-${root.slice(-6)}`;
  const runDir = join(root, 'run', name);
  const stateDir = join(root, 'state', name);
  const upper = join(stateDir, 'upper');
  const work = join(stateDir, 'work');
  for (const directory of [runDir, upper, work, join(root, 'runtime')]) mkdirSync(directory, { recursive: true });
  const { args = ['sleep', '1000'], ...fields } = changes;
  const spec: SupervisorSpec = {
    version: 1,
    id,
    name,
    stateDir,
    runDir,
    rootfs: { lower: [join(root, 'lower')], upper, work },
    prepare: [],
    runtime: runtimeOf(kind, root),
    cgroups: kind === 'fake' ? [] : ['memory', 'pids', 'freezer'].map((controller) => cgroup(controller, id)),
    network: { mode: kind === 'fake' ? 'host' : 'private', endpoints: [], sysctls: [] },
    names: [],
    ports: [],
    process: { tty: false, stdinOpen: false },
    log: { driver: 'json-file', file: { path: join(stateDir, 'log.json'), maxSizeBytes: 10_000_000, maxFiles: 3 } },
    restart: { policy: 'no', maxRetries: 0, delayMs: 20, maxDelayMs: 200 },
    stop: { signal: 15, timeoutMs: 2000 },
    ...fields,
  };
  writeFileSync(join(runDir, 'supervisor.json'), JSON.stringify(spec));
  writeFileSync(join(runDir, 'config.json'), JSON.stringify(bundle(spec, args)));
  const container: Container = {
    id,
    spec,
    status: () => readStatus(join(runDir, 'status.json')),
    finalStatus: () => readStatus(join(stateDir, 'status.json')),
    until: (condition, timeoutMs) =>
      eventually(() => {
        const status = container.status();
        return status !== undefined && condition(status) ? status : undefined;
      }, timeoutMs),
    log: () =>
      readFileSync(join(stateDir, 'log.json'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    request: (request) => openSession(join(runDir, 'control.sock'), request),
    async call(request) {
      const session = container.request(request);
      await session.closed;
      const reply = session.replies[0];
      if (reply === undefined) throw new Error('the connection ended without a reply');
      return reply;
    },
    async start() {
      const [reply] = await world().launch([{ op: 'start', container }]);
      if (reply === undefined) throw new Error('no reply');
      return reply;
    },
  };
  return container;
}

function runtimeOf(kind: RuntimeKind, root: string): SupervisorSpec['runtime'] {
  const common = { root: join(root, 'runtime') };
  if (kind === 'fake')
    return {
      ...common,
      kind: 'crun',
      path: join(home, 'test', 'fake-runtime.sh'),
      arguments: [],
      joinCgroups: false,
      hideUnifiedCgroup: false,
    };
  if (kind === 'runc')
    return { ...common, kind, path: '/usr/sbin/runc', arguments: [], joinCgroups: false, hideUnifiedCgroup: true };
  return {
    ...common,
    kind,
    path: '/usr/bin/crun',
    arguments: ['--cgroup-manager=disabled'],
    joinCgroups: true,
    hideUnifiedCgroup: true,
  };
}

function cgroup(controller: string, id: string): SupervisorSpec['cgroups'][number] {
  return {
    controller,
    path: `/sys/fs/cgroup/${controller}/${cgroupParent}/${id}`,
    writes: controller === 'memory' ? [{ file: 'memory.limit_in_bytes', value: '67108864' }] : [],
  };
}

function bundle(spec: SupervisorSpec, args: readonly string[]): unknown {
  return {
    ociVersion: '1.0.2',
    process: execProcess(args, spec.process.tty),
    root: { path: 'rootfs', readonly: false },
    hostname: spec.name,
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
      },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
    ],
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
      ...(spec.runtime.joinCgroups ? {} : { cgroupsPath: `/${cgroupParent}/${spec.id}` }),
    },
  };
}

function readStatus(path: string): SupervisorStatus | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SupervisorStatus) : undefined;
}

function openSession(path: string, request: Record<string, unknown>): Session {
  const socket = connect({ path, allowHalfOpen: true });
  const replies: ControlReply[] = [];
  const received: Record<number, Buffer[]> = { 2: [], 3: [] };
  let input = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    input = Buffer.concat([input, typeof bytes === 'string' ? Buffer.from(bytes) : bytes]);
    while (input.length >= 4 && input.length >= 4 + input.readUInt32BE(0)) {
      const length = input.readUInt32BE(0);
      const channel = input.readUInt8(4);
      const payload = input.subarray(5, 4 + length);
      if (channel === 0) replies.push(JSON.parse(payload.toString()) as ControlReply);
      else received[channel]?.push(Buffer.from(payload));
      input = input.subarray(4 + length);
    }
  });
  const send = (channel: number, payload: string | Buffer) => {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const header = Buffer.alloc(5);
    header.writeUInt32BE(bytes.length + 1, 0);
    header.writeUInt8(channel, 4);
    socket.write(Buffer.concat([header, bytes]));
  };
  socket.on('error', () => undefined); // a connection that ends while we write; `closed` is what tests look at
  send(0, JSON.stringify({ version: 1, id: 7, ...request }));
  const text = (channel: number) => () => Buffer.concat(received[channel] ?? []).toString();
  return {
    socket,
    replies,
    output: { stdout: text(2), stderr: text(3) },
    send,
    until: (condition, timeoutMs) => eventually(() => condition() || undefined, timeoutMs).then(() => undefined),
    closed: new Promise((resolve) => {
      socket.on('end', () => socket.end());
      socket.on('close', () => resolve());
    }),
  };
}

/** Runs a host command, for checks from outside. */
export function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}
