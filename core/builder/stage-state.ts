import type { ImageConfig } from '../engine/specs.ts';
import { type BuildArguments, proxyArguments } from './build-arguments.ts';
import type { BuildImage, HistoryEntry } from './build-image.ts';
import type { Escape } from './dockerfile/instruction.ts';
import type { Step } from './step.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What the instructions of one stage have done so far. */
export interface StageState {
  readonly escapeMark: Escape;
  readonly config: Mutable<ImageConfig>;
  readonly history: HistoryEntry[];
  readonly steps: Step[];
  readonly stepHistory: number[];
  /** Arguments in scope, in order of declaration. */
  readonly args: Map<string, string | undefined>;
  readonly given: Readonly<Record<string, string>>;
  /** What an ARG without a default means: arguments from before the first FROM, then the platform's. */
  readonly inherited: (name: string) => string | undefined;
  author?: string;
  hasOwnCmd: boolean;
}

export function startState(request: {
  readonly base: BuildImage;
  readonly escapeMark: Escape;
  readonly args: BuildArguments;
  readonly globals: Readonly<Record<string, string>>;
  readonly platform: Readonly<Record<string, string>>;
}): StageState {
  const { OnBuild: _triggers, ...config } = request.base.config;
  return {
    escapeMark: request.escapeMark,
    config: { ...config },
    history: [],
    steps: [],
    stepHistory: [],
    args: new Map(),
    given: request.args.given,
    inherited: (name) => request.globals[name] ?? request.platform[name],
    hasOwnCmd: false,
  };
}

/** Value of a variable where the instruction stands: ENV wins over ARG. */
export function lookupIn(state: StageState): (name: string) => string | undefined {
  return (name) => envValue(state.config.Env ?? [], name) ?? state.args.get(name) ?? undeclared(state, name);
}

/** Proxy arguments need no ARG. */
function undeclared(state: StageState, name: string): string | undefined {
  return proxyArguments.has(name) ? state.given[name] : undefined;
}

function envValue(env: readonly string[], name: string): string | undefined {
  return env.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Sets a variable of a list of `NAME=value`, in its place when it is there. */
export function withVariable(env: readonly string[], name: string, value: string): readonly string[] {
  const line = `${name}=${value}`;
  const at = env.findIndex((one) => one.startsWith(`${name}=`));
  return at === -1 ? [...env, line] : env.with(at, line);
}

/** Arguments with a value, as `NAME=value`: what RUN sees besides ENV. */
export function argumentLines(state: StageState): readonly string[] {
  return [...state.args].flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

/** What the history of RUN says of arguments: all that were declared, with the values that a step sees. */
export function shownArguments(state: StageState): readonly string[] {
  return [...state.args.keys()].map((name) => `${name}=${lookupIn(state)(name) ?? ''}`);
}

/** Notes an instruction that changes only the configuration. */
export function noteEmpty(state: StageState, createdBy: string): void {
  state.history.push({ created_by: createdBy, comment: historyComment, empty_layer: true });
}

/** Adds a step with its line of history. */
export function addStep(state: StageState, step: Step): void {
  state.steps.push(step);
  state.stepHistory.push(state.history.length);
  state.history.push({ created_by: step.createdBy, comment: historyComment });
}

/** What tools recognise: the history is written as BuildKit's. */
const historyComment = 'buildkit.dockerfile.v0';
