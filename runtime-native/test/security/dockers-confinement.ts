import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDocker } from '../../../bench/lib/docker-daemon.ts';
import { run } from '../images/rich-image.ts';
import { writeTar } from '../images/tar-writer.ts';
import { compileStatic } from './compile-static.ts';
import { type Confinement, isBlocked, parseConfinement } from './confinement.ts';

/** Docker's defaults on this machine, and the same without its system call filter. */
export interface DockersConfinement {
  readonly defaults: Confinement;
  readonly unfiltered: Confinement;
}

/** What the recorded file holds: only what is true of Docker's defaults on every machine. */
export type RecordedConfinement = Confinement & { readonly architecture: string; readonly docker: string };

const recordedPath = join(import.meta.dirname, 'docker-defaults.json');

/** What `docker run` without options gives a process on this machine, by a daemon of its own. Needs dockerd, docker and gcc. */
export async function dockersConfinement(): Promise<DockersConfinement> {
  const directory = mkdtempSync('/tmp/tscd-');
  try {
    const archive = join(directory, 'probe.tar');
    writeFileSync(archive, writeTar([{ name: 'probe', content: compileStatic('confinement-probe.c'), mode: 0o755 }]));
    await using daemon = await startDocker(join(directory, 'd'));
    const docker = (...argv: readonly string[]) => run(['docker', ...argv], '/tmp', daemon.env);
    docker('import', archive, 'probe:1');
    const probe = (...options: readonly string[]) =>
      parseConfinement(docker('run', '--rm', '--network', 'none', ...options, 'probe:1', '/probe'));
    return { defaults: probe(), unfiltered: probe('--security-opt', 'seccomp=unconfined') };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Without what depends on the kernel: paths that this one shows, and calls by number that it refuses, or does not have, whatever
 * the filter says.
 */
export function recordable({ defaults, unfiltered }: DockersConfinement): Confinement {
  const isOfTheFilter = ([name, errno]: readonly [string, number]) =>
    isBlocked(errno) && (/\D/.test(name) || !isBlocked(unfiltered.calls[name] ?? errno));
  return { ...defaults, seen: [], writable: [], calls: Object.fromEntries(Object.entries(defaults.calls).filter(isOfTheFilter)) };
}

if (import.meta.main) {
  const docker = run(['dockerd', '--version']).trim();
  const recorded: RecordedConfinement = { docker, architecture: process.arch, ...recordable(await dockersConfinement()) };
  writeFileSync(recordedPath, `${JSON.stringify(recorded, undefined, 2)}\n`);
}
