import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ImageConfig } from '#core/engine/specs.ts';
import { durationMs } from '#core/model/units.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<ImageConfig>;

/**
 * Applies Dockerfile instructions (`--change`) to an image configuration and returns the new one.
 * Throws `engine.image-invalid` with the instruction that is wrong.
 */
export function applyChanges(config: ImageConfig, changes: readonly string[]): ImageConfig {
  const draft: Draft = { ...config };
  for (const change of changes) {
    const [, name = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s+([\s\S]*?))?\s*$/.exec(change) ?? [];
    const apply = instructions[name.toUpperCase()];
    if (apply === undefined) throw invalid(change, `"${name}" is not one of ${Object.keys(instructions).join(', ')}`);
    if (rest === '') throw invalid(change, 'it has no argument');
    try {
      apply(draft, rest);
    } catch (error) {
      if (error instanceof BadInstruction) throw invalid(change, error.message);
      throw error;
    }
  }
  return draft;
}

class BadInstruction extends Error {}

const instructions: Readonly<Record<string, (draft: Draft, rest: string) => void>> = {
  CMD: (draft, rest) => {
    draft.Cmd = argv(rest);
  },
  ENTRYPOINT: (draft, rest) => {
    draft.Entrypoint = argv(rest);
  },
  ENV: (draft, rest) => {
    const pairs = keyValues(rest);
    const kept = (draft.Env ?? []).filter((line) => !pairs.some(([key]) => line.startsWith(`${key}=`)));
    draft.Env = [...kept, ...pairs.map(([key, value]) => `${key}=${value}`)];
  },
  EXPOSE: (draft, rest) => {
    draft.ExposedPorts = { ...draft.ExposedPorts, ...Object.fromEntries(words(rest).flatMap(ports)) };
  },
  HEALTHCHECK: (draft, rest) => {
    draft.Healthcheck = healthcheck(rest);
  },
  LABEL: (draft, rest) => {
    draft.Labels = { ...draft.Labels, ...Object.fromEntries(keyValues(rest)) };
  },
  STOPSIGNAL: (draft, rest) => {
    draft.StopSignal = rest;
  },
  USER: (draft, rest) => {
    draft.User = rest;
  },
  VOLUME: (draft, rest) => {
    const targets = jsonArray(rest) ?? words(rest);
    draft.Volumes = { ...draft.Volumes, ...Object.fromEntries(targets.map((target) => [target, {}])) };
  },
  WORKDIR: (draft, rest) => {
    draft.WorkingDir = rest.startsWith('/') ? rest : `${(draft.WorkingDir ?? '/').replace(/\/$/, '')}/${rest}`;
  },
};

function invalid(change: string, reason: string): TscomposeError {
  return new TscomposeError(diagnose('engine.image-invalid', { source: change, reason }));
}

/** Exec form `["a","b"]`, else the shell form. */
function argv(rest: string): readonly string[] {
  return jsonArray(rest) ?? ['/bin/sh', '-c', rest];
}

function jsonArray(rest: string): readonly string[] | undefined {
  if (!rest.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(rest);
    return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
  } catch {
    // Dockerfiles take what is no JSON for the shell form.
    return undefined;
  }
}

/** Words with Dockerfile quoting: single quotes are literal, double quotes and backslashes as in a shell. */
function words(rest: string): readonly string[] {
  return [...rest.matchAll(/(?:[^\s"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*')+/g)].map(([word]) => unquote(word));
}

function unquote(word: string): string {
  return word.replaceAll(
    /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g,
    (_, single?: string, double?: string, escaped?: string) => {
      return single ?? double?.replaceAll(/\\(["\\$])/g, '$1') ?? escaped ?? '';
    },
  );
}

/** `KEY=value …`, or the old form `KEY the rest of the line`. */
function keyValues(rest: string): readonly (readonly [string, string])[] {
  const list = words(rest);
  const first = list[0] ?? '';
  if (!first.includes('=')) {
    const [, key = '', value = ''] = /^(\S+)\s+([\s\S]*)$/.exec(rest) ?? [];
    if (key === '') throw new BadInstruction('expected KEY=value');
    return [[key, value]];
  }
  return list.map((word) => {
    const at = word.indexOf('=');
    if (at < 1) throw new BadInstruction(`"${word}" is not KEY=value`);
    return [word.slice(0, at), word.slice(at + 1)] as const;
  });
}

function ports(word: string): readonly (readonly [string, object])[] {
  const [, first, last, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(word) ?? [];
  const from = Number(first);
  const to = Number(last ?? first);
  if (!(from >= 1 && to >= from && to <= 65535)) throw new BadInstruction(`"${word}" is no port`);
  return Array.from({ length: to - from + 1 }, (_, i) => [`${from + i}/${protocol.toLowerCase()}`, {}] as const);
}

function healthcheck(rest: string): NonNullable<ImageConfig['Healthcheck']> {
  const options: Record<string, string> = {};
  const test = rest.replace(/^(?:--[a-z-]+=\S+\s+)*/, (prefix) => {
    for (const [, key = '', value = ''] of prefix.matchAll(/--([a-z-]+)=(\S+)/g)) options[key] = value;
    return '';
  });
  if (/^none$/i.test(test)) return { Test: ['NONE'] };
  const [, command] = /^CMD\s+([\s\S]+)$/i.exec(test) ?? [];
  if (command === undefined) throw new BadInstruction('expected NONE or CMD');
  const list = jsonArray(command);
  const unknown = Object.keys(options).find((key) => !(key in healthDurations) && key !== 'retries');
  if (unknown !== undefined) throw new BadInstruction(`"--${unknown}" is not an option of HEALTHCHECK`);
  const durations = Object.entries(healthDurations).flatMap(([key, name]) => {
    const value = options[key];
    return value === undefined ? [] : [[name, durationMs(value) * 1e6] as const];
  });
  return {
    Test: list === undefined ? ['CMD-SHELL', command] : ['CMD', ...list],
    ...Object.fromEntries(durations),
    ...(options['retries'] === undefined ? {} : { Retries: Number(options['retries']) }),
  };
}

const healthDurations: Readonly<Record<string, string>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
};
