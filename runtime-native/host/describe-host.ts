import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { HostFinding } from '#core/engine/engine.ts';
import { cgroupMounts } from './cgroup-mounts.ts';
import { findProgram, isExecutable, type NativePrograms } from './programs.ts';
import { runProgram } from './run-program.ts';

/** What this machine has of what containers need, in the order in which it matters; missing things are left out. */
export async function describeHost({ programs }: { readonly programs: NativePrograms }): Promise<readonly HostFinding[]> {
  const found = await Promise.all([
    `Linux ${release()}`,
    firstProgram(['crun', 'runc'], '--version'),
    firstProgram(['nft'], '--version'),
    firstProgram(['ip'], '-V'),
    [programs.supervisor, programs.helper].every(isExecutable) ? programs.supervisor.replace(/[^/]*$/, '') : undefined,
    readFileSync('/proc/filesystems', 'utf8').includes('\toverlay\n') ? 'overlay' : undefined,
    cgroups(),
    seccomp(),
  ]);
  const names = ['kernel', 'runtime', 'nftables', 'iproute2', 'native programs', 'layers', 'cgroups', 'seccomp'];
  return names.flatMap((what, index) => {
    const value = found[index];
    return value === undefined ? [] : [{ what, found: value }];
  });
}

/** Path and version of the first of these programs that is installed. */
async function firstProgram(names: readonly string[], versionFlag: string): Promise<string | undefined> {
  const path = names.map(findProgram).find((one) => one !== undefined);
  if (path === undefined) return undefined;
  const output = await runProgram({ argv: [path, versionFlag] });
  return `${(output.split('\n')[0] ?? '').trim()} (${path})`;
}

function cgroups(): string | undefined {
  const { mode, mounts } = cgroupMounts();
  const unified = mounts['unified'];
  if (mode === 'v2' && unified === undefined) return undefined;
  const controllers =
    mode === 'v2' && unified !== undefined
      ? readFileSync(`${unified}/cgroup.controllers`, 'utf8').trim().split(' ')
      : Object.keys(mounts).filter((name) => name !== 'unified' && name !== 'systemd');
  return `${mode}: ${controllers.join(', ')}`;
}

function seccomp(): string | undefined {
  try {
    const actions = readFileSync('/proc/sys/kernel/seccomp/actions_avail', 'utf8');
    return actions.includes('errno') ? 'filters' : undefined;
  } catch {
    // The kernel was built without it.
    return undefined;
  }
}
