import type { Command } from './command.ts';
import type { FlagSpec, Flags } from './flags.ts';

/** `tscompose up [OPTIONS] [SERVICE...]` */
export function usageLine(program: string, command: Command): string {
  const operands = command.operands.map((one) => {
    const name = one.many ? `${one.name}...` : one.name;
    return one.optional ? `[${name}]` : name;
  });
  return [program, command.name, '[OPTIONS]', ...operands].join(' ');
}

/** The text of `tscompose <command> --help`. */
export function commandHelp(program: string, command: Command): string {
  const examples = command.examples ?? [];
  return [
    `Usage:  ${usageLine(program, command)}`,
    '',
    command.summary,
    '',
    'Options:',
    ...flagRows(command.flags),
    ...(examples.length === 0 ? [] : ['', 'Examples:', ...examples.map((one) => `  ${program} ${one.line}\n      ${one.does}`)]),
    '',
  ].join('\n');
}

/** The text of `tscompose --help`. */
export function rootHelp(request: {
  readonly program: string;
  readonly flags: Flags;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly later: readonly string[];
}): string {
  const width = Math.max(...request.commands.map((one) => one.name.length));
  return [
    `Usage:  ${request.program} [OPTIONS] COMMAND`,
    '',
    'Runs compose files on an embedded container engine: Docker Compose without Docker',
    '',
    'Options:',
    ...flagRows(request.flags),
    '',
    'Commands:',
    ...request.commands.map((one) => `  ${one.name.padEnd(width)}  ${one.summary}`),
    '',
    `Not available yet: ${request.later.join(', ')}`,
    '',
    `"${request.program} COMMAND --help" tells more about a command.`,
    '',
  ].join('\n');
}

/** One line a flag, sorted, aligned; hidden flags are left out. */
export function flagRows(flags: Flags): string[] {
  const rows = Object.entries(flags)
    .filter(([, spec]) => !spec.hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, spec]) => ({ left: leftOf(key, spec), spec }));
  const width = Math.max(...rows.map((row) => row.left.length), 0);
  return rows.map(({ left, spec }) => `${left.padEnd(width)}   ${helpOf(spec)}`);
}

function leftOf(key: string, spec: FlagSpec): string {
  const short = spec.alias === undefined ? '    ' : `-${spec.alias}, `;
  return `  ${short}--${key}${valueName(spec)}`;
}

function valueName(spec: FlagSpec): string {
  switch (spec.type) {
    case 'boolean':
      return '';
    case 'number':
      return ' int';
    case 'list':
      return ` ${spec.value ?? 'strings'}`;
    case 'string':
      return ` ${spec.value ?? 'string'}`;
  }
}

function helpOf(spec: FlagSpec): string {
  const choices = spec.type === 'string' && spec.choices !== undefined ? ` (${spec.choices.join(', ')})` : '';
  const fallback = spec.type === 'list' ? undefined : spec.default;
  const isShown = fallback !== undefined && fallback !== false && fallback !== '';
  return `${spec.help}${choices}${isShown ? ` (default ${JSON.stringify(fallback)})` : ''}`;
}
