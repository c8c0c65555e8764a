import { readFileSync, readlinkSync } from 'node:fs';

/** Clock ticks a second in /proc; the same on all architectures that Linux has today. */
const ticksPerSecond = 100;

export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number;
  readonly uid: number;
  readonly startedAtMs: number;
  /** Own processor time. */
  readonly cpuMs: number;
  /** Processor time of its children that have ended. */
  readonly childrenCpuMs: number;
  readonly terminal: string | undefined;
  readonly command: string;
}

/** What /proc tells of a process; undefined: it has ended. */
export function readProcess(pid: number): ProcessFacts | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const status = readText(`/proc/${pid}/status`);
  if (stat === undefined || status === undefined) return undefined;
  // The name may have spaces and parentheses: fields count from the last one, the next is the state (3).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3] ?? 0);
  const argv = (readText(`/proc/${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '');
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  return {
    pid,
    parentPid: field(4),
    uid: Number(/^Uid:\t(\d+)/m.exec(status)?.[1] ?? 0),
    startedAtMs: bootTimeMs() + (field(22) * 1000) / ticksPerSecond,
    cpuMs: ((field(14) + field(15)) * 1000) / ticksPerSecond,
    childrenCpuMs: ((field(16) + field(17)) * 1000) / ticksPerSecond,
    terminal: field(7) === 0 ? undefined : terminalName(field(7)),
    // A kernel thread or a zombie has no command line.
    command: argv.length > 0 ? argv.join(' ') : `[${name}]`,
  };
}

/** Bytes that a process has read from and written to disks; undefined: it has ended. */
export function readDiskCounters(pid: number): { readonly readBytes: number; readonly writtenBytes: number } | undefined {
  const text = readText(`/proc/${pid}/io`);
  if (text === undefined) return undefined;
  const counter = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { readBytes: counter('read_bytes'), writtenBytes: counter('write_bytes') };
}

/** Counters of all interfaces but loopback in the network namespace of a process. */
export function readNetworkCounters(pid: number): { readonly receivedBytes: number; readonly sentBytes: number } {
  const lines = (readText(`/proc/${pid}/net/dev`) ?? '').split('\n').slice(2);
  let receivedBytes = 0;
  let sentBytes = 0;
  for (const line of lines) {
    const [name, counters = ''] = line.split(':');
    if (name === undefined || name.trim() === 'lo' || counters === '') continue;
    const numbers = counters.trim().split(/\s+/).map(Number);
    receivedBytes += numbers[0] ?? 0;
    sentBytes += numbers[8] ?? 0;
  }
  return { receivedBytes, sentBytes };
}

/** Whether two processes are in one namespace. */
export function sharesNamespace(
  pid: number,
  { other, kind }: { readonly other: number | 'self'; readonly kind: 'net' | 'mnt' },
): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`) === readlinkSync(`/proc/${other}/ns/${kind}`);
  } catch {
    // It has ended.
    return false;
  }
}

function bootTimeMs(): number {
  return Number(/^btime (\d+)/m.exec(readText('/proc/stat') ?? '')?.[1] ?? 0) * 1000;
}

/** Name of a terminal by its device number (Linux: Documentation/admin-guide/devices.txt). */
function terminalName(device: number): string {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  return major === 4 ? `tty${minor}` : `${major}:${minor}`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
