import { TscomposeError } from '../diagnostics/error.ts';
import { diagnose } from './catalogue.ts';
import type { Flag } from './dockerfile/instruction.ts';
import type { Origin, RunMount } from './step.ts';

export interface MountScope {
  readonly workdir: string;
  readonly originOf: (text: string) => Origin;
  readonly expand: (text: string) => string;
}

/** Options that each type takes, `type` apart. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  bind: ['target', 'source', 'from', 'rw'],
  cache: ['id', 'target', 'ro', 'sharing', 'from', 'source', 'mode', 'uid', 'gid'],
  tmpfs: ['target', 'size'],
  secret: ['id', 'target', 'env', 'required', 'mode', 'uid', 'gid'],
  ssh: ['id', 'target', 'required', 'mode', 'uid', 'gid'],
};

const synonyms: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  readonly: 'ro',
  readwrite: 'rw',
};

/** Reads one `--mount` of RUN (Dockerfile reference). Throws `build.dockerfile-invalid` at the flag. */
export function parseRunMount(flag: Flag, scope: MountScope): RunMount {
  const fail = (reason: string) => new TscomposeError(diagnose('build.dockerfile-invalid', { reason }, flag.span));
  const options = new Map<string, string>();
  for (const field of csvFields(flag.value ?? '')) {
    const equals = field.indexOf('=');
    const name = (equals === -1 ? field : field.slice(0, equals)).trim().toLowerCase();
    const value = equals === -1 ? 'true' : scope.expand(field.slice(equals + 1));
    options.set(synonyms[name] ?? name, value);
  }
  const type = options.get('type') ?? 'bind';
  options.delete('type');
  const known = allowed[type];
  if (known === undefined) throw fail(`the mount type "${type}" is not one of ${Object.keys(allowed).join(', ')}`);
  // `rw` of a cache and `ro` of a bind mount are what they are anyway.
  const tolerated = type === 'bind' ? ['ro'] : type === 'cache' ? ['rw'] : [];
  for (const name of options.keys()) {
    if (!known.includes(name) && !tolerated.includes(name))
      throw fail(`a ${type} mount has no option "${name}"; it takes ${known.join(', ')}`);
  }
  const text = (name: string) => options.get(name);
  const isOn = (name: string): boolean => {
    const value = options.get(name)?.toLowerCase();
    if (value !== undefined && value !== 'true' && value !== 'false' && value !== '1' && value !== '0') {
      throw fail(`"${name}" of a mount is true or false, not "${value}"`);
    }
    return value === 'true' || value === '1';
  };
  const number = (name: string, fallback: number, radix = 10): number => {
    const value = options.get(name);
    if (value === undefined) return fallback;
    const result = Number.parseInt(value, radix);
    if (!(radix === 8 ? /^[0-7]+$/ : /^\d+$/).test(value)) throw fail(`"${name}" of a mount is a number, not "${value}"`);
    return result;
  };
  const target = (): string => {
    const value = text('target');
    if (value === undefined || value === '') throw fail(`a ${type} mount needs a target`);
    return absolute(value, scope.workdir);
  };
  const from = text('from');
  const owner = { uid: number('uid', 0), gid: number('gid', 0) };
  switch (type) {
    case 'bind': {
      const origin: Origin = from === undefined ? { kind: 'context' } : scope.originOf(from);
      // `rw`: written to, and forgotten afterwards.
      const writable = options.has('rw') ? isOn('rw') : options.has('ro') && !isOn('ro');
      return { type, target: target(), from: origin, source: text('source') ?? '/', writable };
    }
    case 'cache': {
      const sharing = text('sharing') ?? 'shared';
      if (sharing !== 'shared' && sharing !== 'private' && sharing !== 'locked')
        throw fail('"sharing" of a cache mount is shared, private or locked');
      const path = target();
      return {
        type,
        target: path,
        id: text('id') ?? path,
        sharing,
        ...(from === undefined ? {} : { from: scope.originOf(from) }),
        source: text('source') ?? '/',
        readOnly: isOn('ro'),
        mode: number('mode', 0o755, 8),
        ...owner,
      };
    }
    case 'tmpfs': {
      const size = text('size');
      const sizeBytes = size === undefined ? undefined : byteSize(size);
      if (size !== undefined && sizeBytes === undefined) throw fail(`"size" of a mount is a size, not "${size}"`);
      return { type, target: target(), ...(sizeBytes === undefined ? {} : { sizeBytes }) };
    }
    case 'secret': {
      const path = text('target');
      const env = text('env');
      const id = text('id') ?? (path ?? '').split('/').at(-1) ?? '';
      if (id === '') throw fail('a secret mount needs an id');
      return {
        type,
        id,
        // As a file unless it is asked for as a variable only.
        ...(path !== undefined || env === undefined ? { target: absolute(path ?? `/run/secrets/${id}`, scope.workdir) } : {}),
        ...(env === undefined ? {} : { env }),
        required: isOn('required'),
        mode: number('mode', 0o400, 8),
        ...owner,
      };
    }
    default: {
      const path = text('target');
      return {
        type: 'ssh',
        id: text('id') ?? 'default',
        ...(path === undefined ? {} : { target: absolute(path, scope.workdir) }),
        required: isOn('required'),
        mode: number('mode', 0o600, 8),
        ...owner,
      };
    }
  }
}

/** A path of a Dockerfile seen from the working directory, cleaned; a trailing slash is kept out. */
export function absolute(path: string, workdir: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${workdir}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function csvFields(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, field = '']) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  );
}

function byteSize(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmgt]?)i?b?$/i.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * 1024 ** ' kmgt'.indexOf(unit.toLowerCase() || ' ');
}
