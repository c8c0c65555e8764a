import { spawnSync } from 'node:child_process';

/** Runs openssl; throws with its last words when it fails, and with the package's name where it is missing. */
export function openssl(argv: readonly string[]): string {
  const result = spawnSync('openssl', argv, { encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.error !== undefined && 'code' in result.error && result.error.code === 'ENOENT')
    throw new Error('"openssl" makes the certificates and is missing: install the package "openssl"');
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) throw new Error(`"openssl ${argv.join(' ')}" failed:\n${result.stderr.trim()}`);
  return result.stdout;
}
