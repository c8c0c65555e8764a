import { TscomposeError } from '../diagnostics/error.ts';
import { proxyArguments } from './build-arguments.ts';
import { diagnose } from './catalogue.ts';
import { execForm } from './dockerfile/exec-form.ts';
import { expandOrFail } from './dockerfile/expand-or-fail.ts';
import { checkFlags } from './dockerfile/flags.ts';
import { heredocMark } from './dockerfile/heredoc.ts';
import type { Flag, Instruction } from './dockerfile/instruction.ts';
import { type Handler, shellOf } from './handler.ts';
import { parseRunMount } from './run-mount.ts';
import { addStep, argumentLines, lookupIn, type StageState, shownArguments } from './stage-state.ts';
import { originOf } from './stages.ts';
import type { RunStep } from './step.ts';

/** Where a heredoc with an interpreter line is put, as the Dockerfile frontend does. */
const scriptDirectory = '/dev/pipes';

/** RUN: a step with the environment, user and directory of its place. */
export const runCommand: Handler = (state, instruction, place) => {
  const [, network, security] = checkFlags(instruction, ['mount', 'network', 'security', 'device']);
  if (instruction.flags.some((flag) => flag.name === 'device')) {
    throw new TscomposeError(
      diagnose('build.unsupported', { what: 'RUN --device', reason: 'builds get no devices' }, instruction.span),
    );
  }
  const { argv, script, shown } = commandOf(state, instruction);
  const workdir = state.config.WorkingDir || '/';
  const mounts = instruction.flags
    .filter((flag) => flag.name === 'mount')
    .map((flag) =>
      parseRunMount(flag, {
        workdir,
        originOf: (text) => originOf(text, { ...place, at: flag.span }),
        expand: (text) => expandOrFail(text, { lookup: lookupIn(state), escapeMark: state.escapeMark, at: flag.span }),
      }),
    );
  const env = state.config.Env ?? [];
  const args = argumentLines(state).filter((line) => !env.some((one) => one.startsWith(`${line.slice(0, line.indexOf('='))}=`)));
  const told = shownArguments(state);
  const prefix = told.length === 0 ? '' : `|${told.length} ${told.join(' ')} `;
  const step: RunStep = {
    kind: 'run',
    title: `RUN ${titleOf(instruction)}`,
    at: instruction.span,
    createdBy: `RUN ${prefix}${shown} # buildkit`,
    argv,
    env: [...args, ...env],
    quietEnv: [...proxyArguments].flatMap((name) => {
      const value = state.args.has(name) ? undefined : state.given[name];
      return value === undefined ? [] : [`${name}=${value}`];
    }),
    user: state.config.User ?? '',
    workdir,
    mounts,
    network: oneOf(network, ['default', 'none', 'host']),
    security: oneOf(security, ['sandbox', 'insecure']),
    ...(script === undefined ? {} : { script }),
  };
  addStep(state, step);
};

function commandOf(
  state: StageState,
  instruction: Instruction,
): { readonly argv: readonly string[]; readonly shown: string; readonly script?: NonNullable<RunStep['script']> } {
  const { heredocs, text } = instruction;
  const [first] = heredocs;
  if (first !== undefined && heredocMark(text) !== undefined) {
    if (first.content.startsWith('#!')) {
      const path = `${scriptDirectory}/${first.name}`;
      return { argv: [path], shown: path, script: { path, content: first.content } };
    }
    return inShell(state, first.content);
  }
  // Anything else around a heredoc is the shell's own.
  if (first !== undefined) return inShell(state, `${text}\n${heredocs.map((one) => one.raw + one.name).join('\n')}`);
  const list = execForm(text);
  return list === undefined ? inShell(state, text) : { argv: list, shown: list.join(' ') };
}

function inShell(state: StageState, command: string): { readonly argv: readonly string[]; readonly shown: string } {
  const argv = [...shellOf(state), command];
  return { argv, shown: argv.join(' ') };
}

function titleOf(instruction: Instruction): string {
  const flags = instruction.flags.map((flag) => (flag.value === undefined ? `--${flag.name}` : `--${flag.name}=${flag.value}`));
  const body = instruction.heredocs[0]?.content.split('\n', 1)[0];
  const text = body === undefined ? instruction.text : `${instruction.text} (${body}…)`;
  return [...flags, text].join(' ').replaceAll(/\s+/g, ' ');
}

function oneOf<T extends string>(flag: Flag | undefined, values: readonly [T, ...T[]]): T {
  if (flag === undefined) return values[0];
  const found = values.find((one) => one === flag.value);
  if (found !== undefined) return found;
  const reason = `--${flag.name} is one of ${values.join(', ')}, not "${flag.value ?? ''}"`;
  throw new TscomposeError(diagnose('build.dockerfile-invalid', { reason }, flag.span));
}
