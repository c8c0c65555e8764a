import { TscomposeError } from '../diagnostics/error.ts';
import { nearest } from '../diagnostics/nearest.ts';
import type { Span } from '../source/span.ts';
import { type BuildArguments, globalScope } from './build-arguments.ts';
import { diagnose } from './catalogue.ts';
import { expandOrFail } from './dockerfile/expand-or-fail.ts';
import { checkFlags } from './dockerfile/flags.ts';
import type { Dockerfile, Instruction } from './dockerfile/instruction.ts';
import { parseArguments } from './dockerfile/key-values.ts';
import type { Origin } from './step.ts';

/** One `FROM` with what follows it. */
export interface Stage {
  readonly index: number;
  /** Lower case, as references are compared. */
  readonly name: string | undefined;
  readonly base: Base;
  readonly platform: string | undefined;
  readonly from: Instruction;
  readonly instructions: readonly Instruction[];
}

export type Base =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly index: number }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'image'; readonly reference: string };

export interface Stages {
  readonly dockerfile: Dockerfile;
  readonly stages: readonly Stage[];
  /** Values of the arguments before the first FROM. */
  readonly globals: Readonly<Record<string, string>>;
}

/** Cuts a Dockerfile into stages and resolves what they begin with; `contexts` are the names of additional contexts. */
export function readStages(
  dockerfile: Dockerfile,
  options: { readonly args: BuildArguments; readonly contexts: ReadonlySet<string> },
): Stages {
  const { escapeMark } = dockerfile;
  const scope = globalScope(options.args);
  const globals: Record<string, string> = {};
  const stages: Stage[] = [];
  const bodies: Instruction[][] = [];
  for (const instruction of dockerfile.instructions) {
    if (instruction.keyword === 'FROM') {
      const lookup = (name: string): string | undefined => globals[name] ?? scope.platform[name];
      const body: Instruction[] = [];
      bodies.push(body);
      stages.push(readFrom({ instruction, stages, contexts: options.contexts, lookup, escapeMark, body }));
      continue;
    }
    const body = bodies.at(-1);
    if (body !== undefined) body.push(instruction);
    else if (instruction.keyword === 'ARG')
      readGlobals(instruction, { globals, args: options.args, platform: scope.platform, escapeMark });
    else
      throw new TscomposeError(
        diagnose('build.dockerfile-invalid', { reason: `${instruction.written} stands before the first FROM` }, instruction.span),
      );
  }
  if (stages.length === 0) {
    const at: Span = { file: dockerfile.file, start: 0, end: 0 };
    throw new TscomposeError(diagnose('build.dockerfile-invalid', { reason: 'it has no FROM' }, at));
  }
  return { dockerfile, stages, globals };
}

function readGlobals(
  instruction: Instruction,
  scope: {
    readonly globals: Record<string, string>;
    readonly args: BuildArguments;
    readonly platform: Readonly<Record<string, string>>;
    readonly escapeMark: Dockerfile['escapeMark'];
  },
): void {
  const lookup = (name: string): string | undefined => scope.globals[name] ?? scope.platform[name];
  for (const { name, value } of parseArguments(instruction, lookup, scope.escapeMark)) {
    const known = scope.args.given[name] ?? value ?? scope.platform[name];
    if (known !== undefined) scope.globals[name] = known;
  }
}

function readFrom(request: {
  readonly instruction: Instruction;
  readonly stages: readonly Stage[];
  readonly contexts: ReadonlySet<string>;
  readonly lookup: (name: string) => string | undefined;
  readonly escapeMark: Dockerfile['escapeMark'];
  readonly body: readonly Instruction[];
}): Stage {
  const { instruction, stages, lookup, escapeMark } = request;
  const [platformFlag] = checkFlags(instruction, ['platform']);
  const words = instruction.text.split(/\s+/).filter(Boolean);
  const [image = '', as, name] = words;
  if (image === '' || words.length === 2 || words.length > 3 || (as !== undefined && as.toLowerCase() !== 'as')) {
    throw new TscomposeError(
      diagnose('build.dockerfile-invalid', { reason: 'FROM is written FROM image [AS name]' }, instruction.span),
    );
  }
  if (name !== undefined && !/^[a-z][a-z0-9_.-]*$/i.test(name)) {
    throw new TscomposeError(
      diagnose(
        'build.dockerfile-invalid',
        { reason: `"${name}" cannot be the name of a stage: letters, digits, "_", "." and "-"` },
        instruction.span,
      ),
    );
  }
  const reference = expandOrFail(image, { lookup, escapeMark, at: instruction.span });
  if (reference === '') {
    throw new TscomposeError(
      diagnose(
        'build.dockerfile-invalid',
        { reason: `the base image "${image}" is empty`, hint: 'give the ARG a value, before the first FROM' },
        instruction.span,
      ),
    );
  }
  const platform =
    platformFlag?.value === undefined ? '' : expandOrFail(platformFlag.value, { lookup, escapeMark, at: platformFlag.span });
  return {
    index: stages.length,
    name: name?.toLowerCase(),
    base: baseOf(reference, stages, request.contexts),
    platform: platform === '' ? undefined : platform,
    from: instruction,
    instructions: request.body,
  };
}

function baseOf(reference: string, stages: readonly Stage[], contexts: ReadonlySet<string>): Base {
  const stage = stages.findLast((one) => one.name === reference.toLowerCase());
  if (stage !== undefined) return { kind: 'stage', index: stage.index };
  if (contexts.has(reference)) return { kind: 'named', name: reference };
  return reference === 'scratch' ? { kind: 'scratch' } : { kind: 'image', reference };
}

/** What `--from=` or `from=` names, seen from a stage: an earlier stage by name or number, a named context, an image. */
export function originOf(
  text: string,
  view: { readonly stages: readonly Stage[]; readonly before: number; readonly contexts: ReadonlySet<string>; readonly at: Span },
): Origin {
  const earlier = view.stages.slice(0, view.before);
  const named = earlier.findLast((one) => one.name === text.toLowerCase());
  if (named !== undefined) return { kind: 'stage', index: named.index };
  if (view.contexts.has(text)) return { kind: 'named', name: text };
  if (/^\d+$/.test(text)) {
    if (earlier[Number(text)] === undefined) throw noStage(text, earlier, view.at);
    return { kind: 'stage', index: Number(text) };
  }
  if (view.stages.slice(view.before).some((one) => one.name === text.toLowerCase())) {
    throw new TscomposeError(diagnose('build.dockerfile-invalid', { reason: `the stage "${text}" comes later` }, view.at));
  }
  return { kind: 'image', reference: text };
}

/** Index of the stage that shall be built: by name, by number, or the last. */
export function targetStage({ stages, dockerfile }: Stages, target: string | undefined): number {
  if (target === undefined || target === '') return stages.length - 1;
  const named = stages.findLast((one) => one.name === target.toLowerCase());
  if (named !== undefined) return named.index;
  if (/^\d+$/.test(target) && stages[Number(target)] !== undefined) return Number(target);
  throw noStage(target, stages, { file: dockerfile.file, start: 0, end: 0 });
}

function noStage(name: string, stages: readonly Stage[], at: Span): TscomposeError {
  const names = stages.flatMap((one) => one.name ?? []);
  const near = nearest(name, names);
  return new TscomposeError(diagnose('build.unknown-stage', { name, stages: near === undefined ? names : [near] }, at));
}
