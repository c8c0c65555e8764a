import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { missingToBuild } from './build-requirements.ts';
import { cgroupMounts } from './cgroup-mounts.ts';
import { canMount } from './file-systems.ts';
import { aptNeedsRefresh, installCommand, type Requirement } from './install-command.ts';
import type { NativePrograms } from './programs.ts';
import { findProgram, isExecutable } from './programs.ts';
import { runProgram } from './run-program.ts';

const oldestKernel = [5, 11] as const;

/** What this machine lacks to run containers, each with the command that helps; empty when all is there. */
export async function checkHost({ programs }: { readonly programs: NativePrograms }): Promise<readonly Diagnostic[]> {
  const missing: Diagnostic[] = [];
  const require = (what: string, command?: string) =>
    void missing.push(diagnose('engine.requirement-missing', { what, ...(command === undefined ? {} : { command }) }));

  if (process.platform !== 'linux') require('containers need Linux');
  const [major = 0, minor = 0] = release().split(/[.-]/).map(Number);
  if (major < oldestKernel[0] || (major === oldestKernel[0] && minor < oldestKernel[1])) {
    require(`the kernel ${release()} is older than ${oldestKernel.join('.')}`, 'install a newer kernel');
  }
  if (process.geteuid?.() !== 0) missing.push(rootRequired());
  if (!['crun', 'runc'].some((name) => findProgram(name) !== undefined)) {
    require('no OCI runtime is installed (crun or runc)', installWith('crun'));
  }
  if (findProgram('nft') === undefined) require('the program "nft" is not installed', installWith('nftables'));
  if (findProgram('ip') === undefined) require('the program "ip" is not installed', installWith('iproute2'));
  for (const program of [programs.supervisor, programs.helper]) {
    if (!isExecutable(program)) require(`the program "${program}" is missing`, buildCommand(programs));
  }
  if (![programs.supervisor, programs.helper].every(isExecutable) && buildCommand(programs) !== undefined) {
    for (const { what, requirement } of missingToBuild()) require(what, installWith(requirement));
  }
  if (!canMount('overlay')) {
    require('the kernel has no overlay file system', 'modprobe overlay');
  }
  if (Object.keys(cgroupMounts().mounts).length === 0) {
    require('no cgroups are mounted', 'mount -t cgroup2 none /sys/fs/cgroup');
  }
  if (await isPlainChroot(programs.supervisor)) missing.push(diagnose('engine.plain-chroot', {}));
  return missing;
}

/**
 * Whether the root of this process is not that of its mount namespace: a runtime's `exec` joins the namespace of a container,
 * where the kernel sets the root anew, and would leave container and chroot both. The supervisor's program knows how to look.
 */
async function isPlainChroot(supervisor: string): Promise<boolean> {
  if (!isExecutable(supervisor) || process.geteuid?.() !== 0) return false;
  // A program that an older checkout built does not know the question; `doctor --fix` must get as far as building it again.
  const answer = await runProgram({ argv: [supervisor, 'root'] }).catch(() => 'unknown');
  return answer.trim() === 'chroot';
}

/** Reads what the distribution is only when something is missing: every changing command makes the check. */
function installWith(requirement: Requirement): string | undefined {
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return installCommand({ osRelease, needsRefresh: aptNeedsRefresh() }, requirement);
}

/** How our programs are built: a checkout has their Makefile one directory up; an installed package has none. */
function buildCommand({ supervisor }: NativePrograms): string | undefined {
  const source = join(dirname(supervisor), '..');
  return existsSync(join(source, 'Makefile')) ? `make --silent -C '${source}'` : undefined;
}

/** The requirement that every call has, reading ones too: state is root's. */
export function rootRequired(): Diagnostic {
  return diagnose('engine.requirement-missing', { what: 'only root can run containers so far', command: 'sudo tscompose …' });
}
