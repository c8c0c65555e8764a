import type { Event } from '#core/events/event.ts';
import type { Action, Plan } from '#core/plan/plan.ts';

const requested = { kind: 'requested' } as const;

/** `up` that makes a network, recreates `db`, creates and starts `web` and finds `cache` running. */
export const upPlan: Plan = {
  project: 'p',
  operation: 'up',
  actions: [
    { id: 1, after: [], kind: 'network.create', network: 'default', name: 'p_default', reason: { kind: 'absent' } },
    {
      ...{ id: 2, after: [1], kind: 'container.create', service: 'db', number: 1, name: 'abc_p-db-1', inheritFrom: 'old' },
      ...{ reason: { kind: 'forced' }, group: 'recreate:db-1' },
    },
    {
      id: 3,
      after: [2],
      kind: 'container.stop',
      container: 'old',
      name: 'p-db-1',
      service: 'db',
      reason: requested,
      group: 'recreate:db-1',
    },
    {
      ...{ id: 4, after: [3], kind: 'container.remove', container: 'old', name: 'p-db-1', service: 'db' },
      ...{ volumes: false, reason: requested, group: 'recreate:db-1' },
    },
    {
      id: 5,
      after: [4],
      kind: 'container.rename',
      container: '#2',
      name: 'p-db-1',
      service: 'db',
      reason: requested,
      group: 'recreate:db-1',
    },
    {
      id: 6,
      after: [5],
      kind: 'container.start',
      container: '#2',
      name: 'p-db-1',
      service: 'db',
      reason: requested,
      group: 'recreate:db-1',
    },
    {
      ...{ id: 7, after: [6], kind: 'container.await', container: '#2', name: 'p-db-1', service: 'db' },
      ...{ condition: 'healthy', required: true, reason: requested },
    },
    { id: 8, after: [1], kind: 'container.create', service: 'web', number: 1, name: 'p-web-1', reason: { kind: 'absent' } },
    { id: 9, after: [7, 8], kind: 'container.start', container: '#8', name: 'p-web-1', service: 'web', reason: requested },
  ],
  unchanged: [
    { kind: 'container', name: 'p-cache-1', service: 'cache' },
    { kind: 'volume', name: 'p_data' },
  ],
};

/** Every action of a plan, one after the other. */
export function eventsOf(plan: Plan): Event[] {
  return [
    { type: 'plan-ready', plan },
    ...plan.actions.flatMap((action): Event[] => [
      { type: 'action-started', action },
      { type: 'action-finished', action, elapsedMs: 10 },
    ]),
  ];
}

/** The action with this id. */
export function actionOf(plan: Plan, id: number): Action {
  const action = plan.actions.find((one) => one.id === id);
  if (action === undefined) throw new Error(`no action ${id}`);
  return action;
}
