import { TscomposeError } from '../diagnostics/error.ts';
import { diagnose } from './catalogue.ts';
import { copyFiles } from './copy-instruction.ts';
import { execForm } from './dockerfile/exec-form.ts';
import { expandWords } from './dockerfile/expand.ts';
import { expandOrFail, orFail } from './dockerfile/expand-or-fail.ts';
import { checkFlags } from './dockerfile/flags.ts';
import { rawWords } from './dockerfile/heredoc.ts';
import type { Instruction } from './dockerfile/instruction.ts';
import { parseArguments, parsePairs } from './dockerfile/key-values.ts';
import { type Handler, shellOf } from './handler.ts';
import { parseHealthcheck } from './healthcheck.ts';
import { runCommand } from './run-instruction.ts';
import { absolute } from './run-mount.ts';
import { addStep, lookupIn, noteEmpty, type StageState, withVariable } from './stage-state.ts';

/** May not stand after ONBUILD. */
export const refusedTriggers: ReadonlySet<string> = new Set(['FROM', 'ONBUILD', 'MAINTAINER']);

/** What each instruction does to a stage (FROM apart). */
export const instructionHandlers: Readonly<Record<string, Handler>> = {
  ADD: copyFiles,
  COPY: copyFiles,
  RUN: runCommand,
  ARG: (state, instruction) => {
    checkFlags(instruction, []);
    const words = parseArguments(instruction, lookupIn(state), state.escapeMark).map(({ name, value }) => {
      const known = state.given[name] ?? value ?? state.inherited(name);
      state.args.set(name, known);
      return known === undefined ? name : `${name}=${known}`;
    });
    noteEmpty(state, `ARG ${words.join(' ')}`);
  },
  CMD: (state, instruction) => {
    checkFlags(instruction, []);
    state.config.Cmd = commandOf(state, instruction);
    state.config.ArgsEscaped = true;
    state.hasOwnCmd = true;
    noteEmpty(state, `CMD ${quoted(state.config.Cmd)}`);
  },
  ENTRYPOINT: (state, instruction) => {
    checkFlags(instruction, []);
    state.config.Entrypoint = commandOf(state, instruction);
    // The base image's CMD was meant for another program.
    if (!state.hasOwnCmd) delete state.config.Cmd;
    noteEmpty(state, `ENTRYPOINT ${quoted(state.config.Entrypoint)}`);
  },
  ENV: (state, instruction) => {
    checkFlags(instruction, []);
    const pairs = parsePairs(instruction, lookupIn(state), state.escapeMark);
    let env = state.config.Env ?? [];
    for (const [name, value] of pairs) env = withVariable(env, name, value);
    state.config.Env = env;
    noteEmpty(state, `ENV ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}`);
  },
  EXPOSE: (state, instruction) => {
    checkFlags(instruction, []);
    const words = orFail(instruction.span, () => expandWords(instruction.text, lookupIn(state), state.escapeMark));
    const ports = words.flatMap((word) => portsOf(word, instruction)).sort();
    state.config.ExposedPorts = { ...state.config.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}])) };
    noteEmpty(state, `EXPOSE [${ports.join(' ')}]`);
  },
  HEALTHCHECK: (state, instruction) => {
    state.config.Healthcheck = parseHealthcheck(instruction, shellOf(state));
    noteEmpty(state, instruction.line);
  },
  LABEL: (state, instruction) => {
    checkFlags(instruction, []);
    const pairs = parsePairs(instruction, lookupIn(state), state.escapeMark);
    state.config.Labels = { ...state.config.Labels, ...Object.fromEntries(pairs) };
    noteEmpty(state, `LABEL ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}`);
  },
  MAINTAINER: (state, instruction) => {
    checkFlags(instruction, []);
    state.author = instruction.text;
    noteEmpty(state, `MAINTAINER ${instruction.text}`);
  },
  ONBUILD: (state, instruction) => {
    checkFlags(instruction, []);
    const keyword = (/^\S+/.exec(instruction.text)?.[0] ?? '').toUpperCase();
    if (refusedTriggers.has(keyword)) throw invalid(instruction, `ONBUILD ${keyword} is not allowed`);
    if (instructionHandlers[keyword] === undefined) {
      throw new TscomposeError(diagnose('build.unknown-instruction', { name: keyword }, instruction.span));
    }
    state.config.OnBuild = [...(state.config.OnBuild ?? []), instruction.text];
    noteEmpty(state, `ONBUILD ${instruction.text}`);
  },
  SHELL: (state, instruction) => {
    checkFlags(instruction, []);
    const shell = execForm(instruction.text);
    if (shell === undefined || shell.length === 0) throw invalid(instruction, 'SHELL is written as a JSON list of strings');
    state.config.Shell = shell;
    noteEmpty(state, `SHELL [${shell.join(' ')}]`);
  },
  STOPSIGNAL: (state, instruction) => {
    checkFlags(instruction, []);
    const signal = expand(state, instruction, instruction.text);
    if (!/^(?:SIG)?[A-Z][A-Z0-9+-]*$|^\d+$/.test(signal)) throw invalid(instruction, `"${signal}" is no signal`);
    state.config.StopSignal = signal;
    noteEmpty(state, `STOPSIGNAL ${signal}`);
  },
  USER: (state, instruction) => {
    checkFlags(instruction, []);
    const user = expand(state, instruction, instruction.text);
    if (/\s/.test(user) || user === '') throw invalid(instruction, `"${user}" is not user[:group]`);
    state.config.User = user;
    noteEmpty(state, `USER ${user}`);
  },
  VOLUME: (state, instruction) => {
    checkFlags(instruction, []);
    const words = execForm(instruction.text) ?? rawWords(instruction.text, state.escapeMark);
    const paths = words.map((word) => expand(state, instruction, word));
    if (paths.length === 0 || paths.includes('')) throw invalid(instruction, 'VOLUME has an empty path');
    state.config.Volumes = { ...state.config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) };
    noteEmpty(state, `VOLUME [${paths.join(' ')}]`);
  },
  WORKDIR: (state, instruction) => {
    checkFlags(instruction, []);
    const path = absolute(expand(state, instruction, instruction.text), state.config.WorkingDir || '/');
    state.config.WorkingDir = path;
    const createdBy = `WORKDIR ${path}`;
    if (path === '/') noteEmpty(state, createdBy);
    else
      addStep(state, { kind: 'workdir', title: createdBy, at: instruction.span, createdBy, path, user: state.config.User ?? '' });
  },
};

function commandOf(state: StageState, instruction: Instruction): readonly string[] {
  return execForm(instruction.text) ?? [...shellOf(state), instruction.text];
}

function expand(state: StageState, instruction: Instruction, word: string): string {
  return expandOrFail(word, { lookup: lookupIn(state), escapeMark: state.escapeMark, at: instruction.span });
}

function portsOf(word: string, instruction: Instruction): readonly string[] {
  // An address and a port of the host are read, and mean nothing: `127.0.0.1:80:80`.
  const own = word.slice(word.lastIndexOf(':') + 1);
  const [, first, last, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(own) ?? [];
  const from = Number(first);
  const to = Number(last ?? first);
  if (!(from >= 1 && to >= from && to <= 65535)) throw invalid(instruction, `"${word}" is no port`);
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol.toLowerCase()}`);
}

function quoted(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(' ')}]`;
}

function invalid(instruction: Instruction, reason: string): TscomposeError {
  return new TscomposeError(diagnose('build.dockerfile-invalid', { reason }, instruction.span));
}
