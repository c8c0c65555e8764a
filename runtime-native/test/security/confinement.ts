import { constants } from 'node:os';

/** What holds a container's process, as `confinement-probe.c` finds it from inside. */
export interface Confinement {
  /** `CapBnd`, `Seccomp`, …: the values of /proc/self/status. */
  readonly status: Readonly<Record<string, string>>;
  readonly mounts: readonly ProbedMount[];
  /** Entries below /proc and /sys that have something to read, and that can be opened for writing. */
  readonly seen: readonly string[];
  readonly writable: readonly string[];
  /** Error number by name of the call, or by its number in this architecture; 0 when it comes through. */
  readonly calls: Readonly<Record<string, number>>;
}

export interface ProbedMount {
  readonly target: string;
  readonly type: string;
  readonly flags: readonly string[];
}

/** Reads the probe's output; throws when it did not come to its end. */
export function parseConfinement(output: string): Confinement {
  const lines = output.split('\n').map((line) => line.split(/[ \t]+/));
  if (!lines.some(([kind]) => kind === 'end')) throw new Error(`the probe did not come to its end:\n${output}`);
  const of = (...kinds: readonly string[]) => lines.filter(([kind = '']) => kinds.includes(kind)).map(([, ...words]) => words);
  const paths = of('path').map(([seen, writable, ...path]) => ({ seen, writable, path: path.join(' ') }));
  return {
    status: Object.fromEntries(of('status').map(([name = '', value = '']) => [name.replace(':', ''), value])),
    mounts: of('mount').map(parseMount),
    seen: paths.filter((one) => one.seen === 'seen').map((one) => one.path),
    writable: paths.filter((one) => one.writable === 'writable').map((one) => one.path),
    calls: Object.fromEntries(of('call', 'number').map(([name = '', errno]) => [name, Number(errno)])),
  };
}

/** A line of mountinfo: `36 35 0:3 / /proc/sys ro,relatime - proc proc rw`. What a mount or its file system forbids counts. */
function parseMount(words: readonly string[]): ProbedMount {
  const separator = words.indexOf('-');
  const [type = '', , superOptions = ''] = words.slice(separator + 1);
  const flags = [...(words[5] ?? '').split(','), ...superOptions.split(',')];
  const restricting = ['ro', 'nosuid', 'nodev', 'noexec'].filter((flag) => flags.includes(flag));
  return { target: words[4] ?? '', type, flags: restricting };
}

/** Whether a call was refused as such (EPERM, ENOSYS), and not for its arguments. */
export function isBlocked(errno: number): boolean {
  return errno === constants.errno.EPERM || errno === constants.errno.ENOSYS;
}
