import type { Engine } from '#core/engine/engine.ts';
import type { Project } from '#core/model/project.ts';
import type { UpOptions } from '#core/plan/options.ts';
import type { EmitWatch } from '#core/watch/event.ts';
import { carryOver, type Ledger, ledger } from '#core/watch/ledger.ts';
import { type WatchRule, watchRules } from '#core/watch/rule.ts';
import type { CommandContext } from '../../../context.ts';
import { report } from '../change.ts';
import { applyDefinition } from './apply-definition.ts';
import type { ManualAction } from './carry-out.ts';
import { type Definition, stateOfFiles } from './definition.ts';
import { watchProject } from './watch-project.ts';
import type { WatchedFiles } from './watched-files.ts';

/** Milliseconds in which a definition's files may change further before they are read. */
const definitionQuietMs = 200;

export interface WatchSession {
  readonly definition: Definition;
  readonly load: () => Promise<Definition>;
  /** Watched services; empty: all that have rules. */
  readonly services: readonly string[];
  readonly options: UpOptions;
  readonly engine: Engine;
  /** The files of the first rules, when they are watched already. */
  readonly files?: WatchedFiles | undefined;
  readonly emit: EmitWatch;
  readonly rebuild: (project: Project, service: string) => Promise<void>;
  readonly signal: AbortSignal;
  readonly autoApply: boolean;
  readonly ask?: (question: string) => Promise<boolean>;
}

/** A running session. */
export interface Watching {
  /** Resolves when the session has ended by its signal; rejects when files cannot be watched (`watch.*`). */
  readonly ended: Promise<void>;
  /** Asks for something by hand. */
  ask(service: string, action: ManualAction): void;
  /** What is watched now. */
  now(): Watched;
}

export interface Watched {
  readonly project: Project;
  /** Those that have rules. */
  readonly services: readonly string[];
}

/**
 * Watches the files of a project, and the project's own definition: when that changes and is applied, the watch goes on with the new
 * rules, without a moment in which nobody watches. Throws the errors of the rules (`watch.nothing`, `watch.needs-build`).
 */
export function startWatching(context: CommandContext, request: WatchSession): Watching {
  const { rules: found, diagnostics } = watchRules(request.definition.project, request.services);
  report(context, diagnostics);
  const rules = request.files?.rules ?? found;
  const current = { definition: request.definition };
  const round = startRound(context, { ...request, rules, current: () => current.definition });
  const state: State = Object.assign(current, { round });
  return {
    ended: session(context, { ...request, state }),
    ask: (service, action) => state.round.ask(service, action),
    now: () => ({
      project: state.definition.project,
      services: [...new Set(state.round.rules.map((rule) => rule.service))],
    }),
  };
}

interface State {
  definition: Definition;
  round: Round;
}

async function session(context: CommandContext, request: WatchSession & { readonly state: State }): Promise<void> {
  const { state, signal, emit } = request;
  const ending = new AbortController();
  const failed = Promise.withResolvers<never>();
  state.round.running.catch(failed.reject);
  const following = followDefinition(context, {
    ...request,
    signal: AbortSignal.any([signal, ending.signal]),
    onRound: (round) => round.running.catch(failed.reject),
  });
  try {
    await Promise.race([following, failed.promise]);
    await state.round.running;
    emit({ type: 'disabled' });
  } finally {
    ending.abort();
    state.round.end();
    await Promise.allSettled([following, state.round.running]);
  }
}

/** Applies each change of the definition's files until the signal aborts. */
async function followDefinition(
  context: CommandContext,
  request: WatchSession & { readonly state: State; readonly onRound: (round: Round) => void },
): Promise<void> {
  const { state, signal, emit } = request;
  let seen = state.definition.state;
  while (await definitionChange(context, { files: state.definition.files, seen, signal })) {
    seen = stateOfFiles(state.definition.files);
    const next = await applyDefinition(context, { ...request, now: () => performance.now() });
    if (next === undefined) continue;
    seen = next.state;
    const { rules, diagnostics } = watchRules(next.project, request.services);
    for (const diagnostic of diagnostics) emit({ type: 'problem', diagnostic });
    const facts = (definition: Definition, of: readonly WatchRule[]) =>
      JSON.stringify([Object.keys(definition.project.services), of]);
    const isSame = facts(next, rules) === facts(state.definition, state.round.rules);
    state.definition = next;
    if (rules.length === 0 || isSame) continue;
    const round = startRound(context, { ...request, files: undefined, rules, current: () => state.definition });
    request.onRound(round);
    const before = state.round;
    state.round = round;
    await Promise.race([round.ready, round.running]);
    before.end();
    await before.running;
    for (const [service, book] of round.ledgers) book.note(carryOver(before.ledgers.get(service)?.all() ?? [], rules));
  }
}

/** Waits until the files are not what was seen, or change, and are at rest again; false when the signal aborts. */
async function definitionChange(
  context: CommandContext,
  { files, seen, signal }: { readonly files: readonly string[]; readonly seen: string; readonly signal: AbortSignal },
): Promise<boolean> {
  if (files.length === 0) {
    // Standard input does not change.
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    return false;
  }
  const atRest = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const roots = files.map((path) => ({ path, ignore: [], lists: false, rules: [] }));
  for await (const { events, notices } of context.host.watchFiles({
    roots,
    env: context.env,
    signal: AbortSignal.any([signal, atRest.signal]),
  })) {
    // Before it was ready, while the change before was applied or the project started, nobody watched.
    const isReady = notices.some((one) => one.type === 'ready');
    if (events.length === 0 && !(isReady && stateOfFiles(files) !== seen)) continue;
    clearTimeout(timer);
    timer = setTimeout(() => atRest.abort(), definitionQuietMs);
  }
  clearTimeout(timer);
  return !signal.aborted;
}

/** One set of rules being watched. */
interface Round {
  readonly rules: readonly WatchRule[];
  readonly ledgers: ReadonlyMap<string, Ledger>;
  readonly ready: Promise<void>;
  readonly running: Promise<void>;
  ask(service: string, action: ManualAction): void;
  end(): void;
}

function startRound(
  context: CommandContext,
  request: WatchSession & { readonly rules: readonly WatchRule[]; readonly current: () => Definition },
): Round {
  const { rules, rebuild } = request;
  const closing = new AbortController();
  const ready = Promise.withResolvers<void>();
  const ledgers = new Map([...new Set(rules.map((rule) => rule.service))].map((service) => [service, ledger()]));
  let ask: Round['ask'] = () => {};
  const running = watchProject(context, {
    ...request,
    project: () => request.current().project,
    rebuild: (service) => rebuild(request.current().project, service),
    ledgers,
    signal: AbortSignal.any([request.signal, closing.signal]),
    onReady: ready.resolve,
    onControl: (control) => {
      ask = control;
    },
  });
  return {
    rules,
    ledgers,
    ready: ready.promise,
    running,
    ask: (service, action) => ask(service, action),
    end: () => closing.abort(),
  };
}
