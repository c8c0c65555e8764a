import type { Event } from '#core/events/event.ts';
import type { Action, Plan } from '#core/plan/plan.ts';
import { unreachable } from '#core/unreachable.ts';
import { type StepNumbers, stepNumbers } from './step-numbers.ts';

/** One message about one resource, in the words of Docker Compose. */
export interface Progress {
  /** `Container p-web-1`, `Network p_default`, `Image nginx`. */
  readonly id: string;
  readonly parentId?: string;
  readonly status: 'Working' | 'Done' | 'Warning' | 'Error';
  readonly text: string;
  readonly details?: string;
  readonly current?: number;
  readonly total?: number;
}

/**
 * Turns events into resource messages: names instead of action ids, a recreate as one Recreate/Recreated pair, a restart
 * as Restarting/Started. Keeps the state that folding needs; one translator per plan run.
 */
export function progressTranslator(): (event: Event) => readonly Progress[] {
  let folds: ReadonlyMap<number, Fold> = new Map();
  const numbers = stepNumbers();
  return (event) => {
    switch (event.type) {
      case 'plan-ready':
        folds = foldsOf(event.plan);
        return runningAlready(event.plan);
      case 'action-started':
        return onStarted(event.action, folds);
      case 'action-finished':
        return onFinished(event.action, folds);
      case 'action-progress':
        return [
          {
            id: event.part ?? idOf(event.action),
            ...(event.part === undefined ? {} : { parentId: idOf(event.action) }),
            status: 'Working',
            text: wordsOf(event.action)?.doing ?? 'Working',
            current: event.done,
            total: event.total,
          },
        ];
      case 'action-skipped':
        return [
          {
            id: idOf(event.action),
            // What was left alone on purpose is done.
            status: event.diagnostic.severity === 'info' ? 'Done' : 'Warning',
            text: skippedText(event.action),
            details: event.diagnostic.message,
          },
        ];
      case 'action-failed':
        return [failure(event.action, event.diagnostics.map((one) => one.message).join('; '))];
      case 'action-cancelled':
        return onCancelled(event.action, folds);
      case 'action-message':
        return [{ id: idOf(event.action), status: 'Working', text: event.text }];
      case 'build-event':
        return buildProgress(event, numbers);
      case 'notice':
      case 'log-line':
        return [];
      default:
        return unreachable(event);
    }
  };
}

/** Actions of one group that show as one line. */
interface Fold {
  readonly id: string;
  readonly doing: string;
  readonly done: string;
  hasStarted: boolean;
  remaining: number;
}

const recreateKinds: ReadonlySet<Action['kind']> = new Set([
  'container.create',
  'container.stop',
  'container.remove',
  'container.rename',
]);
const restartKinds: ReadonlySet<Action['kind']> = new Set(['container.stop', 'container.start']);

function foldsOf(plan: Plan): Map<number, Fold> {
  const groups = Map.groupBy(
    plan.actions.filter((action) => action.group !== undefined),
    (action) => action.group,
  );
  const folds = new Map<number, Fold>();
  for (const actions of groups.values()) {
    const members = membersOf(plan, actions);
    if (members === undefined) continue;
    const fold = { ...members, hasStarted: false, remaining: members.actions.length };
    for (const action of members.actions) folds.set(action.id, fold);
  }
  return folds;
}

function membersOf(plan: Plan, actions: readonly Action[]) {
  const group = actions[0]?.group ?? '';
  if (group.startsWith('recreate:')) {
    // The final name: the one it is renamed to, or the one it is made with when the old container goes first.
    const named =
      actions.find((action) => action.kind === 'container.rename') ??
      actions.find((action) => action.kind === 'container.create');
    if (named === undefined) return undefined;
    return {
      id: idOf(named),
      doing: 'Recreate',
      done: 'Recreated',
      actions: actions.filter((action) => recreateKinds.has(action.kind)),
    };
  }
  const start = actions.find((action) => action.kind === 'container.start');
  if (plan.operation === 'restart' && start !== undefined) {
    return {
      id: idOf(start),
      doing: 'Restarting',
      done: 'Started',
      actions: actions.filter((action) => restartKinds.has(action.kind)),
    };
  }
  return undefined;
}

function runningAlready(plan: Plan): Progress[] {
  if (plan.operation !== 'up') return [];
  return plan.unchanged
    .filter((one) => one.kind === 'container')
    .map((one) => ({ id: `Container ${one.name}`, status: 'Done', text: 'Running' }));
}

function onStarted(action: Action, folds: ReadonlyMap<number, Fold>): Progress[] {
  const fold = folds.get(action.id);
  if (fold !== undefined) {
    if (fold.hasStarted) return [];
    fold.hasStarted = true;
    return [{ id: fold.id, status: 'Working', text: fold.doing }];
  }
  const words = wordsOf(action);
  return words?.doing === undefined ? [] : [{ id: idOf(action), status: 'Working', text: words.doing }];
}

function onFinished(action: Action, folds: ReadonlyMap<number, Fold>): Progress[] {
  const fold = folds.get(action.id);
  if (fold !== undefined) {
    fold.remaining--;
    return fold.remaining > 0 ? [] : [{ id: fold.id, status: 'Done', text: fold.done }];
  }
  const words = wordsOf(action);
  return words === undefined ? [] : [{ id: idOf(action), status: 'Done', text: words.done }];
}

/** Only what was shown as under way is shown as interrupted; the rest never began. */
function onCancelled(action: Action, folds: ReadonlyMap<number, Fold>): Progress[] {
  const fold = folds.get(action.id);
  if (fold === undefined || !fold.hasStarted || fold.remaining <= 0) return [];
  fold.remaining = 0;
  return [{ id: fold.id, status: 'Warning', text: 'Interrupted' }];
}

function failure(action: Action, message: string): Progress {
  return { id: idOf(action), status: 'Error', text: 'Error', details: message };
}

function skippedText(action: Action): string {
  const { kind } = action;
  if (kind === 'network.remove' || kind === 'volume.remove' || kind === 'image.remove') return 'Resource is still in use';
  return action.kind === 'container.await' ? `Skipped: optional dependency "${action.service}" failed to start` : 'Skipped';
}

/** A step is a part of its image, an output line of its step. */
function buildProgress(event: Extract<Event, { type: 'build-event' }>, numbers: StepNumbers): Progress[] {
  const { action, event: one } = event;
  const base = { id: `#${numbers.of(event)}`, parentId: idOf(action) };
  const output = numbers.lines(event).map((details): Progress => ({ ...base, status: 'Working', text: 'Output', details }));
  if (one.type === 'output') return output;
  const status = one.state === 'started' ? 'Working' : one.state === 'failed' ? 'Error' : 'Done';
  const text = { started: 'Building', cached: 'Cached', done: 'Built', failed: 'Error' }[one.state];
  return [...output, { ...base, status, text, details: one.title }];
}

/** Resource id of an action as Docker Compose writes it. */
export function idOf(action: Action): string {
  switch (action.kind) {
    case 'image.build':
    case 'image.pull':
    case 'image.push':
    case 'image.remove':
      return `Image ${action.reference}`;
    case 'network.create':
    case 'network.remove':
      return `Network ${action.name}`;
    case 'volume.create':
    case 'volume.remove':
      return `Volume ${action.name}`;
    case 'provider.run':
      return action.service;
    default:
      return `Container ${action.name}`;
  }
}

const providerWords = {
  up: { doing: 'Creating', done: 'Created' },
  stop: { doing: 'Stopping', done: 'Stopped' },
  down: { doing: 'Removing', done: 'Removed' },
} as const;

/** Words while an action runs and when it is done; undefined: it is not shown. */
function wordsOf(action: Action): { doing?: string; done: string } | undefined {
  switch (action.kind) {
    case 'image.build':
      return { doing: 'Building', done: 'Built' };
    case 'image.pull':
      return { doing: 'Pulling', done: 'Pulled' };
    case 'image.push':
      return { doing: 'Pushing', done: 'Pushed' };
    case 'network.create':
    case 'volume.create':
    case 'container.create':
      return { doing: 'Creating', done: 'Created' };
    case 'image.remove':
    case 'network.remove':
    case 'volume.remove':
    case 'container.remove':
      return { doing: 'Removing', done: 'Removed' };
    case 'provider.run':
      return providerWords[action.command];
    case 'container.start':
      return { doing: 'Starting', done: 'Started' };
    case 'container.stop':
      return { doing: 'Stopping', done: 'Stopped' };
    case 'container.kill':
      return { doing: 'Killing', done: 'Killed' };
    case 'container.pause':
      return { done: 'Paused' };
    case 'container.unpause':
      return { done: 'Unpaused' };
    case 'container.await':
      return { doing: 'Waiting', done: action.condition === 'exited' ? 'Exited' : 'Healthy' };
    case 'container.hook':
    case 'container.rename':
      return undefined;
    default:
      return unreachable(action);
  }
}
