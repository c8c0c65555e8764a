import type { ImageConfig } from '#core/engine/specs.ts';
import type { NullableStringMap, Service } from '#core/model/project.ts';

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Effective argv by Docker Compose's rules: `null` takes the image's; any entrypoint of the service, even an empty one,
 * also sets the image's command aside. Empty when there is nothing to run.
 */
export function effectiveArgv(service: Pick<Service, 'entrypoint' | 'command'>, image: ImageConfig): readonly string[] {
  const entrypoint = service.entrypoint ?? image.Entrypoint ?? [];
  const command = service.command ?? (service.entrypoint === null ? image.Cmd : undefined) ?? [];
  return [...(entrypoint.length === 1 && entrypoint[0] === '' ? [] : entrypoint), ...command];
}

export interface EnvironmentRequest {
  readonly image: ImageConfig;
  readonly environment: NullableStringMap | undefined;
  readonly hostname: string;
  readonly home: string;
  readonly tty: boolean;
}

/** Environment as `KEY=value` list: image, then service (`null` unsets the image's value), then what Docker adds when missing. */
export function effectiveEnvironment(request: EnvironmentRequest): readonly string[] {
  const values = new Map<string, string>();
  for (const one of [defaultPath, `HOSTNAME=${request.hostname}`, ...(request.tty ? ['TERM=xterm'] : [])])
    setVariable(values, one);
  for (const one of request.image.Env ?? []) setVariable(values, one);
  for (const [name, value] of Object.entries(request.environment ?? {})) {
    if (value === null) values.delete(name);
    else values.set(name, value);
  }
  if (!values.has('HOME')) values.set('HOME', request.home);
  return [...values].map(([name, value]) => `${name}=${value}`);
}

/** `KEY=value` entries replace, a bare `KEY` removes. */
export function extendEnvironment(base: readonly string[], entries: readonly string[]): readonly string[] {
  const values = new Map<string, string>();
  for (const one of base) setVariable(values, one);
  for (const one of entries) {
    if (one.includes('=')) setVariable(values, one);
    else values.delete(one);
  }
  return [...values].map(([name, value]) => `${name}=${value}`);
}

const rlimitNames = new Set(
  'as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' '),
);

/** Runtime-spec rlimits of `ulimits`; -1 is unlimited. Unknown names are reported by `unknownUlimits`. */
export function rlimits(ulimits: Service['ulimits']): readonly { type: string; soft: number; hard: number }[] {
  return Object.entries(ulimits ?? {}).map(([name, limit]) => {
    const { soft, hard } = typeof limit === 'number' ? { soft: limit, hard: limit } : limit;
    return { type: `RLIMIT_${name.toUpperCase()}`, soft: rlimitValue(soft), hard: rlimitValue(hard) };
  });
}

export function unknownUlimits(ulimits: Service['ulimits']): readonly string[] {
  return Object.keys(ulimits ?? {}).filter((name) => !rlimitNames.has(name));
}

/** RLIM_INFINITY; JSON writes the nearest double, which `bundleJson` turns into the exact number. */
export const unlimited = 2 ** 64;

function rlimitValue(value: number): number {
  return value === -1 ? unlimited : value;
}

function setVariable(values: Map<string, string>, entry: string): void {
  const end = entry.indexOf('=');
  if (end > 0) values.set(entry.slice(0, end), entry.slice(end + 1));
}
