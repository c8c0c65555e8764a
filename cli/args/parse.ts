import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { nearest } from '#core/diagnostics/nearest.ts';
import { diagnose } from './catalogue.ts';
import type { FlagSpec, Flags } from './flags.ts';

export interface ParseRequest {
  readonly flags: Flags;
  readonly argv: readonly string[];
  /** `false`: the first operand ends the flags, what follows is operands whatever it looks like. */
  readonly interspersed: boolean;
  /** Command line that shows the flags, for hints. */
  readonly help: string;
  /** Flags of the level above, named in the hint when one is used here. */
  readonly outerFlags?: Flags;
}

export interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly given: ReadonlySet<string>;
  readonly operands: readonly string[];
  readonly helpAsked: boolean;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Splits a command line as Docker Compose does (pflag): `--flag value`, `--flag=value`, `-f value`, `-fvalue`, clusters of
 * short booleans, `--` ends the flags, booleans take `=true|false` only. Rejects with `cli.*` diagnostics.
 */
export function parseArguments(request: ParseRequest): Parsed {
  const state: State = {
    request,
    names: namesOf(request.flags),
    values: defaultsOf(request.flags),
    given: new Set(),
    operands: [],
    warnings: [],
    helpAsked: false,
    rest: [...request.argv],
  };
  for (let word = state.rest.shift(); word !== undefined; word = state.rest.shift()) {
    if (word === '--') {
      state.operands.push(...state.rest.splice(0));
    } else if (word.startsWith('--')) {
      takeLong(state, word);
    } else if (word.startsWith('-') && word !== '-') {
      takeCluster(state, word);
    } else {
      state.operands.push(word);
      if (!request.interspersed) state.operands.push(...state.rest.splice(0));
    }
  }
  return state;
}

interface State {
  readonly request: ParseRequest;
  readonly names: ReadonlyMap<string, Found>;
  readonly values: Record<string, unknown>;
  readonly given: Set<string>;
  readonly operands: string[];
  readonly warnings: Diagnostic[];
  readonly rest: string[];
  helpAsked: boolean;
}

interface Found {
  readonly key: string;
  readonly spec: FlagSpec;
  readonly deprecated: boolean;
}

/** All spellings with their dashes. */
function namesOf(flags: Flags): Map<string, Found> {
  const names = new Map<string, Found>();
  for (const [key, spec] of Object.entries(flags)) {
    const found = { key, spec, deprecated: false };
    names.set(`--${key}`, found);
    if (spec.alias !== undefined) names.set(`-${spec.alias}`, found);
    for (const other of spec.spellings ?? []) names.set(`--${other.name}`, { ...found, deprecated: other.deprecated ?? false });
  }
  return names;
}

function defaultsOf(flags: Flags): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null);
  for (const [key, spec] of Object.entries(flags)) {
    values[key] = spec.type === 'list' ? [] : (spec.default ?? (spec.type === 'boolean' ? false : undefined));
  }
  return values;
}

function takeLong(state: State, word: string): void {
  const equals = word.indexOf('=');
  const name = equals === -1 ? word : word.slice(0, equals);
  if (name === '--help') {
    state.helpAsked = true;
    return;
  }
  const found = find(state, name);
  const inline = equals === -1 ? undefined : word.slice(equals + 1);
  store(state, { found, name, text: inline ?? textFor(state, found, name) });
}

function takeCluster(state: State, word: string): void {
  for (let at = 1; at < word.length; at++) {
    const name = `-${word[at]}`;
    const known = state.names.get(name);
    if (known === undefined && name === '-h') {
      state.helpAsked = true;
      continue;
    }
    const found = known ?? find(state, name);
    const tail = word.slice(at + 1);
    if (found.spec.type === 'boolean' && !tail.startsWith('=')) {
      store(state, { found, name, text: 'true' });
      continue;
    }
    const inline = tail === '' ? undefined : tail.startsWith('=') ? tail.slice(1) : tail;
    store(state, { found, name, text: inline ?? textFor(state, found, name) });
    return;
  }
}

function find(state: State, name: string): Found {
  const found = state.names.get(name);
  if (found !== undefined) return found;
  const visible = [...state.names].filter(([, one]) => !one.spec.hidden).map(([spelling]) => spelling);
  const outer = state.request.outerFlags === undefined ? undefined : namesOf(state.request.outerFlags).get(name);
  throw new TscomposeError(
    diagnose('cli.unknown-flag', {
      flag: name,
      nearest: name.startsWith('--') ? nearest(name, visible) : undefined,
      help: state.request.help,
      global: outer !== undefined,
    }),
  );
}

/** The next word as the value, which may look like a flag, as with pflag. */
function textFor(state: State, found: Found, name: string): string {
  if (found.spec.type === 'boolean') return 'true';
  const text = state.rest.shift();
  if (text === undefined) throw new TscomposeError(diagnose('cli.flag-needs-value', { flag: name }));
  return text;
}

function store(state: State, use: { found: Found; name: string; text: string }): void {
  const { key, spec, deprecated } = use.found;
  if (deprecated) state.warnings.push(diagnose('cli.deprecated-flag', { flag: use.name, instead: `--${key}` }));
  if (spec.ignored !== undefined) state.warnings.push(diagnose('cli.ignored-flag', { flag: use.name, why: spec.ignored }));
  state.given.add(key);
  if (spec.type === 'list') {
    (state.values[key] as string[]).push(use.text);
  } else {
    state.values[key] = parsedValue(spec, use);
  }
}

function parsedValue(spec: Exclude<FlagSpec, { type: 'list' }>, use: { name: string; text: string }): unknown {
  const refuse = (allowed: string): TscomposeError =>
    new TscomposeError(diagnose('cli.bad-flag-value', { flag: use.name, value: use.text, allowed }));
  if (spec.type === 'boolean') {
    const value = booleanOf(use.text);
    if (value === undefined) throw refuse('true, false');
    return value;
  }
  if (spec.type === 'number') {
    const value = /^[+-]?\d+$/.test(use.text) ? Number(use.text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < (spec.min ?? -Infinity)) {
      throw refuse(spec.min === undefined ? 'a whole number' : `a whole number from ${spec.min}`);
    }
    return value;
  }
  if (spec.choices !== undefined && !spec.choices.includes(use.text)) throw refuse(spec.choices.join(', '));
  return use.text;
}

/** Go's `strconv.ParseBool`; undefined for anything else. */
export function booleanOf(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  return undefined;
}
