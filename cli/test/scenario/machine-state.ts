import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { instanceNames } from '#runtime/host/instance-names.ts';

/** What a machine has that containers might leave behind: one text each. */
export type MachineState = ReadonlySet<string>;

/** Mounts, network links, namespaces, nft tables, control groups, and processes of a state root. */
export async function machineState(root: string): Promise<MachineState> {
  const parts = await Promise.all([mounts(), links(), namespaces(), tables(), cgroups(), processes(root)]);
  return new Set(parts.flat().filter((one) => belongs(one, root)));
}

/** What is there now and was not before; waits up to 3 s for what the kernel takes away later. */
export async function newerThan(before: MachineState, root: string): Promise<string[]> {
  const end = performance.now() + 3_000;
  for (;;) {
    const left = [...(await machineState(root))].filter((one) => !before.has(one));
    if (left.length === 0 || performance.now() > end) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Kills the processes of a state root that are still there. */
export async function killLeftovers(root: string): Promise<void> {
  for (const { pid } of await processesOf(root)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function mounts(): Promise<string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [`mount ${line.split(' ')[4]}`]));
}

async function links(): Promise<string[]> {
  return (await output('ip', ['-br', 'link']))
    .map((line) => `link ${line.split(/[\s@]/)[0]}`)
    .filter((one) => /^link (ts[cv]|veth)/.test(one));
}

async function namespaces(): Promise<string[]> {
  const names = await readdir('/run/netns').catch(() => []);
  return names.map((name) => `network namespace ${name}`);
}

async function tables(): Promise<string[]> {
  return (await output('nft', ['list', 'tables'])).map((line) => `nft ${line}`);
}

async function cgroups(): Promise<string[]> {
  const found: string[] = [];
  for (const base of [
    '/sys/fs/cgroup',
    '/sys/fs/cgroup/unified',
    '/sys/fs/cgroup/memory',
    '/sys/fs/cgroup/pids',
    '/sys/fs/cgroup/devices',
  ]) {
    const names = await readdir(base).catch(() => []);
    for (const name of names.filter((one) => one.startsWith('tscompose'))) {
      const children = await readdir(join(base, name), { withFileTypes: true }).catch(() => []);
      found.push(...children.filter((one) => one.isDirectory()).map((one) => `cgroup ${base}/${name}/${one.name}`));
    }
  }
  return found;
}

async function processes(root: string): Promise<string[]> {
  return (await processesOf(root)).map(({ pid, command }) => `process ${pid} ${command}`);
}

/** Processes whose command line or environment names the root. */
async function processesOf(root: string): Promise<{ pid: number; command: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command = '', environment = ''] = await Promise.all(
        ['cmdline', 'environ'].map((file) => readFile(join('/proc', pid, file), 'utf8').catch(() => '')),
      );
      const isOurs = `${command}\0${environment}`.includes(root);
      return isOurs ? [{ pid: Number(pid), command: command.replaceAll('\0', ' ').trim() }] : [];
    }),
  );
  return found.flat();
}

/** On a machine that others use at the same time (TSCOMPOSE_SHARED_MACHINE=1) only what names the state root counts. */
function belongs(text: string, root: string): boolean {
  if (process.env['TSCOMPOSE_SHARED_MACHINE'] !== '1') return true;
  const { cgroupParent, nftTable } = instanceNames(root);
  return [root, cgroupParent, nftTable].some((name) => text.includes(name));
}

async function output(program: string, argv: readonly string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(program, [...argv]).catch(() => ({ stdout: '' }));
  return stdout.split('\n').filter((line) => line !== '');
}
