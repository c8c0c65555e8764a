import type { Plan } from '#core/plan/plan.ts';
import { planSummary } from '#core/plan/summary.ts';

/** What a plan of `up` comes to in one line; undefined for other operations, whose events say enough. */
export function planSentence(plan: Plan): string | undefined {
  if (plan.operation !== 'up' && plan.operation !== 'create') return undefined;
  const containers = plan.unchanged.filter((one) => one.kind === 'container').length;
  const changes = plan.actions.filter((action) => action.kind !== 'container.await');
  if (changes.length === 0) {
    return `Nothing to do: ${containers === 1 ? 'the container is' : `all ${containers} containers are`} up to date`;
  }
  const counts = planSummary(plan);
  const rows: [number, string][] = [
    [counts.pull, 'to pull'],
    [counts.networks, counts.networks === 1 ? 'network change' : 'network changes'],
    [counts.volumes, counts.volumes === 1 ? 'volume change' : 'volume changes'],
    [counts.create, 'to create'],
    [counts.recreate, 'to recreate'],
    [counts.start, 'to start'],
    [counts.stop, 'to stop'],
    [counts.remove, 'to remove'],
    [containers, 'unchanged'],
  ];
  return `Plan: ${rows
    .filter(([number]) => number > 0)
    .map(([number, what]) => `${number} ${what}`)
    .join(', ')}`;
}
