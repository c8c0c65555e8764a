import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { readHostSettings } from './host-settings.ts';
import { isRecord, isTextList } from './registries-section.ts';

/** How registries are reached on this machine, ours and Docker's settings together. */
export interface RegistrySettings {
  /** What a name without a host means; `docker.io` unless set. */
  readonly defaultRegistry: string;
  /** `host`, `host:port` or a CIDR: no TLS, or TLS without verification, is accepted. */
  readonly insecure: readonly string[];
  /** Mirrors by registry, asked first in their order; URLs or hosts. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  /** Directories that have one directory per registry, ours first. */
  readonly certificateDirectories: readonly string[];
  /** containerd's `certs.d`, with `hosts.toml` files. */
  readonly containerdDirectory: string;
}

/**
 * Joins our `registries` section with `insecure-registries` and `registry-mirrors` of Docker's daemon.json.
 * `etc` is `/etc` except in tests. Throws `engine.settings-invalid`.
 */
export function readRegistrySettings(env: NodeJS.ProcessEnv, etc = '/etc'): RegistrySettings {
  const { registries } = readHostSettings(env);
  const docker = readDaemonFile(join(etc, 'docker', 'daemon.json'));
  const own = dirname(env['TSCOMPOSE_CONFIG'] ?? join(etc, 'tscompose', 'config.json'));
  const { mirrors = {} } = registries;
  return {
    defaultRegistry: registries.default ?? 'docker.io',
    insecure: [...(registries.insecure ?? []), ...docker.insecure],
    // Docker's mirrors are Docker Hub's.
    mirrors: { ...mirrors, 'docker.io': [...(mirrors['docker.io'] ?? []), ...docker.mirrors] },
    certificateDirectories: [join(own, 'certs.d'), join(etc, 'docker', 'certs.d'), join(etc, 'containerd', 'certs.d')],
    containerdDirectory: join(etc, 'containerd', 'certs.d'),
  };
}

/** The two keys that say something about registries; the rest of the file is Docker's own. */
function readDaemonFile(path: string): { readonly insecure: readonly string[]; readonly mirrors: readonly string[] } {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // Docker need not be installed, and its file need not be ours to read.
    if (error instanceof Error && 'code' in error && ['ENOENT', 'EACCES', 'ENOTDIR'].includes(String(error.code))) {
      return { insecure: [], mirrors: [] };
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new TscomposeError(diagnose('engine.settings-invalid', { path, reason }));
  }
  const { 'insecure-registries': insecure, 'registry-mirrors': mirrors } = isRecord(document) ? document : {};
  return { insecure: isTextList(insecure) ? insecure : [], mirrors: isTextList(mirrors) ? mirrors : [] };
}
