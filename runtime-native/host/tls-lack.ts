import { spawnSync } from 'node:child_process';
import { isExecutable } from './programs.ts';

/** Why the log relay cannot speak TLS on this machine; undefined when it can. It loads OpenSSL when it runs, so it is asked. */
export function tlsLack(relay: string): string | undefined {
  if (!isExecutable(relay)) return `the program "${relay}" is missing`;
  const { status, stdout } = spawnSync(relay, ['--check'], { encoding: 'utf8', timeout: 10_000, env: {} });
  if (status === 0) return undefined;
  return `TLS needs OpenSSL 3 on this machine (Debian package "libssl3"): ${stdout.trim() || `exit status ${status}`}`;
}
