import type { ActionKind, Plan } from '#core/plan/plan.ts';
import { planSummary } from '#core/plan/summary.ts';

/**
 * What a plan of `up` or `create` comes to in one line: `Plan: create 2 containers and 1 network, recreate 1 container; 3
 * unchanged`. Undefined for other operations, whose events say enough.
 */
export function planSentence(plan: Plan): string | undefined {
  if (plan.operation !== 'up' && plan.operation !== 'create') return undefined;
  const unchanged = plan.unchanged.filter((one) => one.kind === 'container').length;
  if (plan.actions.every((action) => action.kind === 'container.await')) {
    return `Nothing to do: ${unchanged === 1 ? 'the container is' : `all ${unchanged} containers are`} up to date`;
  }
  const count = (kind: ActionKind): number => plan.actions.filter((action) => action.kind === kind).length;
  const containers = planSummary(plan);
  const parts = [
    phrase('pull', [[containers.pull, 'image']]),
    phrase('build', [[containers.build, 'image']]),
    phrase('create', [
      [containers.create, 'container'],
      [count('network.create'), 'network'],
      [count('volume.create'), 'volume'],
    ]),
    phrase('recreate', [[containers.recreate, 'container']]),
    phrase('run', [[containers.hooks, 'hook']]),
    phrase('start', [[containers.start, 'container']]),
    phrase('stop', [[containers.stop, 'container']]),
    phrase('remove', [
      [containers.remove, 'container'],
      [count('network.remove'), 'network'],
      [count('volume.remove'), 'volume'],
    ]),
  ].filter((part) => part !== '');
  return `Plan: ${parts.join(', ')}${unchanged === 0 ? '' : `; ${unchanged} unchanged`}`;
}

/** `create 2 containers, 1 network and 1 volume`; empty when all numbers are 0. */
function phrase(verb: string, things: readonly (readonly [number, string])[]): string {
  const words = things.filter(([number]) => number > 0).map(([number, thing]) => `${number} ${thing}${number === 1 ? '' : 's'}`);
  const last = words.pop();
  if (last === undefined) return '';
  return `${verb} ${words.length === 0 ? last : `${words.join(', ')} and ${last}`}`;
}
