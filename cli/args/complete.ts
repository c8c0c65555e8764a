import type { Command } from './command.ts';
import type { FlagSpec, Flags } from './flags.ts';

export interface CompletionRequest {
  /** Words after the program's name, the last one being typed. */
  readonly words: readonly string[];
  readonly globals: Flags;
  /** Names of all commands, groups as `image ls`. */
  readonly names: readonly string[];
  readonly load: (name: string) => Promise<Command | undefined>;
  /** Names of the project's services; empty when they cannot be had. */
  readonly services: () => Promise<readonly string[]>;
}

/** What the last word may become: commands, flags, values of flags with choices, services. Sorted. */
export async function completions(request: CompletionRequest): Promise<string[]> {
  const word = request.words.at(-1) ?? '';
  const before = request.words.slice(0, -1);
  const start = commandStart(before, request.globals);
  const [first, second] = before.slice(start);
  const isGroup = first !== undefined && request.names.some((name) => name.startsWith(`${first} `));
  const name = isGroup && second !== undefined ? `${first} ${second}` : first;
  const command = name === undefined || (isGroup && second === undefined) ? undefined : await request.load(name);
  const flags = command?.flags ?? (first === undefined ? request.globals : {});
  const candidates = choicesOf(flags, before.at(-1)) ?? (word.startsWith('-') ? flagNames(flags) : await words());
  return [...new Set(candidates)].filter((one) => one.startsWith(word)).sort();

  async function words(): Promise<readonly string[]> {
    if (isGroup && command === undefined)
      return request.names.flatMap((one) => (one.startsWith(`${first} `) ? one.slice(`${first} `.length) : []));
    if (command === undefined) return first === undefined ? request.names.map((one) => one.split(' ', 1)[0] ?? one) : [];
    const takesServices = command.operands.some((operand) => operand.name === 'SERVICE');
    return takesServices ? request.services() : [];
  }
}

/** Index of the command's word: global flags and their values stand before it. */
function commandStart(words: readonly string[], globals: Flags): number {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) return at;
    const spec = flagOf(globals, word);
    if (spec !== undefined && spec.type !== 'boolean' && !word.includes('=')) at++;
  }
  return words.length;
}

/** The allowed values when the word before is a flag that waits for one; an empty list when anything is allowed. */
function choicesOf(flags: Flags, before: string | undefined): readonly string[] | undefined {
  const spec = before === undefined || before.includes('=') ? undefined : flagOf(flags, before);
  if (spec === undefined || spec.type === 'boolean') return undefined;
  return spec.type === 'string' ? (spec.choices ?? []) : [];
}

function flagOf(flags: Flags, word: string): FlagSpec | undefined {
  if (word.startsWith('--')) return flags[word.slice(2).split('=', 1)[0] ?? ''];
  return word.startsWith('-') ? Object.values(flags).find((spec) => spec.alias === word.at(-1)) : undefined;
}

function flagNames(flags: Flags): string[] {
  return [...Object.entries(flags).flatMap(([name, spec]) => (spec.hidden ? [] : `--${name}`)), '--help'];
}
