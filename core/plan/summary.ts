import type { Plan } from './plan.ts';

/** Numbers for one line: containers by what happens to them (a recreate counts once), and the rest. */
export interface PlanSummary {
  readonly create: number;
  readonly recreate: number;
  readonly start: number;
  readonly stop: number;
  readonly remove: number;
  /** Containers of `pre_start` hooks, which come and go. */
  readonly hooks: number;
  readonly pull: number;
  readonly build: number;
  readonly networks: number;
  readonly volumes: number;
  readonly unchanged: number;
  readonly destructive: number;
}

/** Counts a plan for the one-line summary. A container that is made and started counts as created. */
export function planSummary(plan: Plan): PlanSummary {
  const made = new Set<string>();
  const recreated = new Set<string>();
  const hooks = new Set<string>();
  const counts = {
    create: 0,
    start: 0,
    stop: 0,
    remove: 0,
    hooks: 0,
    pull: 0,
    build: 0,
    networks: 0,
    volumes: 0,
    destructive: 0,
  };
  for (const action of plan.actions) {
    if (action.destructive) counts.destructive++;
    if (action.group?.startsWith('recreate:')) {
      recreated.add(action.group);
      continue;
    }
    if (action.kind === 'container.create') {
      if (action.preStart === undefined) counts.create++;
      else hooks.add(`#${action.id}`);
      made.add(`#${action.id}`);
    } else if (action.kind === 'container.start' && !made.has(action.container)) counts.start++;
    else if (action.kind === 'container.stop' || action.kind === 'container.kill') counts.stop++;
    else if (action.kind === 'container.remove') counts.remove += hooks.has(action.container) ? 0 : 1;
    else if (action.kind === 'image.pull') counts.pull++;
    else if (action.kind === 'image.build') counts.build++;
    else if (action.kind.startsWith('network.')) counts.networks++;
    else if (action.kind.startsWith('volume.')) counts.volumes++;
  }
  return { ...counts, hooks: hooks.size, recreate: recreated.size, unchanged: plan.unchanged.length };
}
