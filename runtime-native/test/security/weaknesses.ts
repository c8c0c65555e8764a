import { type Confinement, isBlocked } from './confinement.ts';

/**
 * Calls that Docker 20.10 blocks and we let through, as later versions of Docker do, by their numbers on x86-64 (or names of the probe).
 * They act on the caller's own processes and files; reading another process needs the right to trace it.
 */
const allowedByLaterDocker: Readonly<Record<string, string>> = {
  303: 'name_to_handle_at',
  310: 'process_vm_readv',
  311: 'process_vm_writev',
  329: 'pkey_mprotect',
  330: 'pkey_alloc',
  331: 'pkey_free',
  451: 'cachestat',
  452: 'fchmodat2',
  454: 'futex_wake',
  455: 'futex_wait',
  456: 'futex_requeue',
  process_vm_readv: 'process_vm_readv',
};

/** Where `ours` holds less than `theirs`; empty when it is at least as strict in everything. */
export function weaknesses(ours: Confinement, theirs: Confinement): readonly string[] {
  return [
    ...weakerPrivileges(ours, theirs),
    ...weakerPaths(ours, theirs),
    ...weakerMounts(ours, theirs),
    ...weakerCalls(ours, theirs),
  ];
}

function weakerPrivileges(ours: Confinement, theirs: Confinement): readonly string[] {
  const capabilities = Object.keys(theirs.status).filter((name) => name.startsWith('Cap'));
  const bits = ({ status }: Confinement, name: string) => BigInt(`0x${status[name] ?? 'ffffffffffffffff'}`);
  return [
    ...capabilities
      .map((name) => ({ name, more: bits(ours, name) & ~bits(theirs, name) }))
      .filter(({ more }) => more !== 0n)
      .map(({ name, more }) => `${name} has ${more.toString(16)} more`),
    ...['NoNewPrivs', 'Seccomp']
      .filter((name) => Number(ours.status[name]) < Number(theirs.status[name]))
      .map((name) => `${name} is ${ours.status[name]}, not ${theirs.status[name]}`),
  ];
}

const isBelow = (path: string, directory: string) => path === directory || path.startsWith(`${directory}/`);

const isOfKernel = (path: string) => isBelow(path, '/proc') || isBelow(path, '/sys');

/** What is mounted over the kernel's files: nothing of them, or them for reading only. */
function weakerPaths(ours: Confinement, theirs: Confinement): readonly string[] {
  const covers = theirs.mounts.filter(({ target }) => isOfKernel(target) && target !== '/proc' && !isBelow(target, '/sys/fs'));
  const masks = covers.filter(({ type }) => !['proc', 'sysfs'].includes(type));
  const fixed = covers.filter(({ type, flags }) => ['proc', 'sysfs'].includes(type) && flags.includes('ro'));
  return [
    ...masks.flatMap(({ target }) => ours.seen.filter((path) => isBelow(path, target))).map((path) => `${path} can be read`),
    ...fixed
      .flatMap(({ target }) => ours.writable.filter((path) => isBelow(path, target) && !isBelow(path, '/sys/fs')))
      .map((path) => `${path} can be written`),
  ];
}

function weakerMounts(ours: Confinement, theirs: Confinement): readonly string[] {
  return ours.mounts.flatMap(({ target, type, flags }) => {
    const their = theirs.mounts.find((one) => one.target === target);
    if (their === undefined) {
      const isHarmless = isOfKernel(target) && (flags.includes('ro') || !ours.seen.includes(target));
      return isHarmless ? [] : [`${target} is a mount (${type})`];
    }
    // Nothing below /proc is a program or a device; crun leaves out the flags there that say so.
    if (target.startsWith('/proc/')) return [];
    return their.flags.filter((flag) => !flags.includes(flag)).map((flag) => `${target} (${type}) is not ${flag}`);
  });
}

function weakerCalls(ours: Confinement, theirs: Confinement): readonly string[] {
  return Object.entries(theirs.calls)
    .filter(([name, errno]) => isBlocked(errno) && !isBlocked(ours.calls[name] ?? 0) && allowedByLaterDocker[name] === undefined)
    .map(([name]) => `system call ${name} comes through (${ours.calls[name]})`);
}
