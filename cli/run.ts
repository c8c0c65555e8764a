import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { nearest } from '#core/diagnostics/nearest.ts';
import type { Engine } from '#core/engine/engine.ts';
import { diagnose } from './args/catalogue.ts';
import { checkUse } from './args/check-use.ts';
import type { Command } from './args/command.ts';
import type { Flags } from './args/flags.ts';
import { type Globals, globalFlags } from './args/globals.ts';
import { commandHelp, rootHelp } from './args/help.ts';
import { type Parsed, parseArguments } from './args/parse.ts';
import { fromPlugin, fromStandalone } from './args/standalone.ts';
import { hiddenCommands } from './commands/hidden.ts';
import { commandLoaders, laterCommands } from './commands/index.ts';
import type { CommandContext } from './context.ts';
import { composeVariables } from './env-files.ts';
import type { Host } from './host.ts';
import { InterruptedError, watchInterrupts } from './interrupts.ts';
import { type Output, openOutput } from './output.ts';
import { resolveSettings, type Settings } from './settings.ts';

/** Flags that every command accepts besides its own. */
const inherited = { 'dry-run': globalFlags['dry-run'] } as const satisfies Flags;

/**
 * Runs one command line and resolves with the exit status (docs/cli.md). Never rejects for what a user can cause; the
 * rest comes out as `Error` for `main.ts` to report.
 */
export async function run(host: Host): Promise<number> {
  const interrupts = watchInterrupts(host);
  let output: Output = await fallbackOutput(host);
  const owned: { engine?: Promise<Engine> } = {};
  try {
    const line = readCommandLine(host);
    if (line.helpAsked || line.name === undefined) {
      output.result(await wholeHelp(host));
      return 0;
    }
    const chosen = await loadCommand(host, [line.name, ...line.rest]);
    if (chosen === undefined) {
      output.result(await groupHelp(host, line.name));
      return 0;
    }
    const { command, argv } = chosen;
    const parsed = parseCommand(host, command, argv);
    if (parsed.helpAsked) {
      output.result(commandHelp(host.program, command));
      return 0;
    }
    const globals = line.globals;
    const env = await composeVariables({ env: host.env, cwd: host.cwd, globals });
    const { settings, warnings } = resolveSettings({
      globals,
      given: line.given,
      env,
      stdout: host.stdout,
      stderr: host.stderr,
      dryRun: globals['dry-run'] || parsed.values['dry-run'] === true,
    });
    output = await outputFor(host, settings);
    for (const warning of [...warnings, ...line.warnings, ...parsed.warnings]) output.diagnostic(warning);
    checkUse(host.program, command, parsed);
    if (settings.dryRun && command.changesAtOnce === true)
      throw new TscomposeError(diagnose('cli.no-dry-run', { command: command.name }));
    const context: CommandContext = {
      host,
      globals,
      env,
      settings,
      output,
      interrupts,
      engine: () => {
        owned.engine ??= host.openEngine({ env, onNotice: (diagnostic) => output.diagnostic(diagnostic) });
        return owned.engine;
      },
    };
    const status = await command.run({ flags: parsed.values, given: parsed.given, operands: parsed.operands, context });
    return interrupts.signal.aborted ? 130 : status;
  } catch (error) {
    return failureStatus(error, output, interrupts.signal.aborted);
  } finally {
    interrupts.close();
    await closeEngine(owned.engine);
  }
}

interface CommandLine {
  readonly globals: Globals;
  readonly given: ReadonlySet<string>;
  readonly warnings: readonly Diagnostic[];
  readonly helpAsked: boolean;
  /** Absent: nothing but flags. */
  readonly name: string | undefined;
  readonly rest: readonly string[];
}

function readCommandLine(host: Host): CommandLine {
  const argv = argumentsOf(host);
  const parsed = parseArguments({ flags: globalFlags, argv, interspersed: false, help: `${host.program} --help` });
  // The parser made the values by the same declaration from which the type is inferred.
  const globals = parsed.values as unknown as Globals;
  const [word, ...rest] = parsed.operands;
  const isHelp = parsed.helpAsked || word === 'help';
  const name = globals.version && word === undefined ? 'version' : isHelp && word === 'help' ? rest[0] : word;
  return {
    globals,
    given: parsed.given,
    warnings: parsed.warnings,
    helpAsked: isHelp && name === undefined,
    name,
    rest: isHelp ? ['--help'] : rest,
  };
}

/** As `docker-compose` and as `docker compose` the arguments are those of the programs of these names. */
function argumentsOf({ program, argv }: Host): readonly string[] {
  if (program.endsWith('docker-compose')) return fromStandalone(argv);
  return program === 'docker' ? fromPlugin(argv) : argv;
}

/** The command of the first word or, in a group such as `image`, of the first two; undefined: a group without its second word. */
async function loadCommand(
  host: Host,
  words: readonly string[],
): Promise<{ command: Command; argv: readonly string[] } | undefined> {
  const [first = '', second] = words;
  const single = commandLoaders[first] ?? hiddenCommands[first];
  if (single !== undefined) return { command: await single(), argv: words.slice(1) };
  const both = `${first} ${second ?? ''}`;
  const pair = commandLoaders[both] ?? hiddenCommands[both];
  if (pair !== undefined) return { command: await pair(), argv: words.slice(2) };
  const later = laterCommands[first];
  if (later !== undefined) {
    throw new TscomposeError(
      diagnose('cli.not-yet', { what: `the command "${first}"`, instead: later === '' ? undefined : later }),
    );
  }
  const group = Object.keys(commandLoaders).filter((name) => name.startsWith(`${first} `));
  if (group.length > 0 && (second === undefined || second.startsWith('-'))) return undefined;
  const known = group.length > 0 ? group : [...Object.keys(commandLoaders), ...Object.keys(laterCommands)];
  const name = group.length > 0 ? `${first} ${second}` : first;
  throw new TscomposeError(diagnose('cli.unknown-command', { name, nearest: nearest(name, known), program: host.program }));
}

function parseCommand(host: Host, command: Command, argv: readonly string[]): Parsed {
  return parseArguments({
    flags: { ...command.flags, ...inherited },
    argv,
    interspersed: command.flagsFirst !== true,
    help: `${host.program} ${command.name} --help`,
    outerFlags: globalFlags,
  });
}

async function wholeHelp(host: Host): Promise<string> {
  const commands = await Promise.all(Object.values(commandLoaders).map((load) => load()));
  return rootHelp({ program: host.program, flags: globalFlags, commands, later: Object.keys(laterCommands) });
}

async function groupHelp(host: Host, group: string): Promise<string> {
  const names = Object.keys(commandLoaders).filter((name) => name.startsWith(`${group} `));
  const commands = await Promise.all(names.map((name) => commandLoaders[name]?.()));
  const rows = commands.map((one) => (one === undefined ? '' : `  ${one.name.padEnd(16)} ${one.summary}\n`));
  return `Usage:  ${host.program} ${group} COMMAND\n\nCommands:\n${rows.join('')}`;
}

/** Prints what went wrong and says which status it means. */
function failureStatus(error: unknown, output: Output, wasInterrupted: boolean): number {
  if (error instanceof InterruptedError || (wasInterrupted && isAbort(error))) return 130;
  if (!(error instanceof TscomposeError)) throw error;
  for (const diagnostic of error.diagnostics) output.diagnostic(diagnostic);
  return wasInterrupted ? 130 : error.exit;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'InterruptedError');
}

async function closeEngine(engine: Promise<Engine> | undefined): Promise<void> {
  // A failure to open has been reported where it was awaited.
  const opened = await engine?.catch(() => undefined);
  await opened?.[Symbol.asyncDispose]();
}

/** Before the flags are understood: as they would be without any. */
async function fallbackOutput(host: Host): Promise<Output> {
  const isJson = host.argv.includes('--progress=json') || host.env['COMPOSE_PROGRESS'] === 'json';
  const colourError = host.stderr.isTTY === true && (host.env['NO_COLOR'] ?? '') === '';
  return outputFor(host, { progress: isJson ? 'json' : 'plain', colourError });
}

async function outputFor(host: Host, settings: Pick<Settings, 'progress' | 'colourError'>): Promise<Output> {
  const { printDiagnostic } = await import('#core/diagnostics/print.ts');
  return openOutput({ host, settings, print: printDiagnostic });
}
