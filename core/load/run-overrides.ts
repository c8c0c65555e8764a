import { isAbsolute, resolve } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { TscomposeError } from '../diagnostics/error.ts';
import type { Mount, Port } from '../model/project.ts';
import { diagnose } from './catalogue.ts';
import { parseDotenv } from './dotenv.ts';
import { envFileDiagnostic } from './env-files.ts';
import { parsePort } from './short/port.ts';
import { parseVolume } from './short/volume.ts';
import { sourcesFrom } from './sources.ts';

/** A port in the short syntax of a compose file, from a command line: one for each of a range. */
export function portsFromText(text: string): readonly Port[] | { readonly problem: string } {
  const parsed = parsePort(text);
  if ('problem' in parsed) return parsed;
  return parsed.map((one) => ({
    mode: 'ingress',
    target: one.target,
    protocol: one.protocol,
    ...(one.published === '' ? {} : { published: one.published }),
    ...(one.hostIp === '' ? {} : { host_ip: one.hostIp }),
  }));
}

/** A mount in the short syntax, from a command line; a relative host path is below `cwd`. */
export function mountFromText(
  text: string,
  { cwd, home }: { readonly cwd: string; readonly home: string },
): Mount | { readonly problem: string } {
  const parsed = parseVolume(text);
  if ('problem' in parsed) return parsed;
  const { type, source, target, readOnly, bind, volume } = parsed;
  const path = source === undefined || type !== 'bind' ? source : absolute(source, { cwd, home });
  return {
    type,
    ...(path === undefined ? {} : { source: path }),
    target,
    ...(readOnly ? { read_only: true } : {}),
    ...(bind === undefined ? {} : { bind: bindOf(bind) }),
    ...(volume === undefined ? {} : { volume: volume.nocopy ? { nocopy: true } : {} }),
  };
}

/** Variables of env files, later files win. Rejects with `load.env-file-not-found`, `load.env-file-syntax`. */
export function variablesFromFiles(
  paths: readonly string[],
  { cwd, lookup }: { cwd: string; lookup: (name: string) => string | undefined },
): ReadonlyMap<string, string> {
  const absolutePaths = paths.map((path) => resolve(cwd, path));
  const sources = sourcesFrom(cwd, new Set(absolutePaths));
  const values = new Map<string, string>();
  for (const path of absolutePaths) {
    const file = sources.read(path);
    if ('reason' in file) throw new TscomposeError(notReadable(path, file.reason));
    const read = parseDotenv(file.text, { lookup, into: values });
    if (!(read instanceof Map)) throw new TscomposeError(envFileDiagnostic(file.name, read));
  }
  return values;
}

function notReadable(path: string, reason: string): Diagnostic {
  return reason.startsWith('no such')
    ? diagnose('load.env-file-not-found', { path })
    : diagnose('load.file-not-found', { path, reason });
}

function absolute(path: string, { cwd, home }: { cwd: string; home: string }): string {
  if (path === '~' || path.startsWith('~/')) return `${home}${path.slice(1)}`;
  return isAbsolute(path) ? path : resolve(cwd, path);
}

function bindOf(bind: { readonly selinux?: string; readonly propagation?: string; readonly createsHostPath: boolean }) {
  return {
    ...(bind.selinux === undefined ? {} : { selinux: bind.selinux }),
    ...(bind.propagation === undefined ? {} : { propagation: bind.propagation }),
    ...(bind.createsHostPath ? { create_host_path: true } : {}),
  };
}
