import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from './args/catalogue.ts';
import type { Globals } from './args/globals.ts';
import { booleanOf } from './args/parse.ts';
import type { Host } from './host.ts';

/** What the global flags and COMPOSE_* variables come to. */
export interface Settings {
  readonly progress: 'tty' | 'plain' | 'json' | 'quiet';
  /** Progress goes to stdout rather than to stderr. */
  readonly progressOnStdout: boolean;
  /** Colours on stdout and on stderr. */
  readonly colourOut: boolean;
  readonly colourError: boolean;
  readonly dryRun: boolean;
  /** Most actions at once; absent: the executor's own limit. */
  readonly parallel?: number;
  /** Names of containers with `_`. */
  readonly compatibility: boolean;
  readonly ignoreOrphans: boolean;
  readonly removeOrphans: boolean;
}

export interface Resolved {
  readonly settings: Settings;
  readonly warnings: readonly Diagnostic[];
}

/** Flags win over variables. Rejects with `cli.bad-variable`, `cli.bad-flag-value`, `cli.flags-conflict`. */
export function resolveSettings(request: {
  readonly globals: Globals;
  readonly given: ReadonlySet<string>;
  readonly env: Host['env'];
  readonly stdout: Host['stdout'];
  readonly stderr: Host['stderr'];
  readonly dryRun: boolean;
}): Resolved {
  const { globals, env } = request;
  const ansi = globals['no-ansi']
    ? 'never'
    : (globals.ansi ?? choice(env, 'COMPOSE_ANSI', ['never', 'always', 'auto']) ?? 'auto');
  const noColour = (env['NO_COLOR'] ?? '') !== '';
  const colour = (stream: Host['stdout']): boolean =>
    !noColour && ansi !== 'never' && (ansi === 'always' || stream.isTTY === true);
  const parallel = request.given.has('parallel') ? globals.parallel : integer(env, 'COMPOSE_PARALLEL_LIMIT');
  const progressOnStdout = truth(env, 'COMPOSE_STATUS_STDOUT');
  const settings: Settings = {
    progress: progressMode({ ...request, stream: progressOnStdout ? request.stdout : request.stderr }, ansi),
    progressOnStdout,
    colourOut: colour(request.stdout),
    colourError: colour(request.stderr),
    dryRun: request.dryRun,
    ...(parallel === undefined || parallel <= 0 ? {} : { parallel }),
    compatibility: globals.compatibility || truth(env, 'COMPOSE_COMPATIBILITY'),
    ignoreOrphans: truth(env, 'COMPOSE_IGNORE_ORPHANS'),
    removeOrphans: truth(env, 'COMPOSE_REMOVE_ORPHANS'),
  };
  const warnings =
    globals.workdir === undefined ? [] : [diagnose('cli.deprecated-flag', { flag: '--workdir', instead: '--project-directory' })];
  return { settings, warnings };
}

function progressMode(
  { globals, env, stream }: { globals: Globals; env: Host['env']; stream: Host['stdout'] },
  ansi: 'never' | 'always' | 'auto',
): Settings['progress'] {
  const modes = ['auto', 'tty', 'plain', 'json', 'quiet', 'none'] as const;
  const mode = globals.progress ?? choice(env, 'COMPOSE_PROGRESS', modes) ?? 'auto';
  const clash = (one: string, other: string): never => {
    throw new TscomposeError(diagnose('cli.flags-conflict', { one, other }));
  };
  switch (mode) {
    case 'auto':
      return ansi === 'never' || stream.isTTY !== true ? 'plain' : 'tty';
    case 'tty':
      return ansi === 'never' ? clash('--progress tty', '--ansi never') : 'tty';
    case 'plain':
      return ansi === 'always' ? clash('--progress plain', '--ansi always') : 'plain';
    case 'none':
      return 'quiet';
    default:
      return mode;
  }
}

function choice<const T extends string>(env: Host['env'], name: string, allowed: readonly T[]): T | undefined {
  const value = env[name] ?? '';
  if (value === '') return undefined;
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new TscomposeError(diagnose('cli.bad-variable', { name, value, allowed: allowed.join(', ') }));
  return found;
}

function integer(env: Host['env'], name: string): number | undefined {
  const value = env[name] ?? '';
  if (value === '') return undefined;
  if (!/^-?\d+$/.test(value)) throw new TscomposeError(diagnose('cli.bad-variable', { name, value, allowed: 'a whole number' }));
  return Number(value);
}

/** As Docker Compose: what is not a boolean counts as false. */
function truth(env: Host['env'], name: string): boolean {
  return booleanOf(env[name] ?? '') ?? false;
}
