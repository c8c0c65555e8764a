import { topologicalOrder } from '../graph/topological-order.ts';
import type { Action, ActionFields, ActionKind, Plan } from './plan.ts';
import type { Reason } from './reason.ts';

/**
 * A plan under construction: actions refer to each other as nodes, edges may be added later in any order. `finish`
 * numbers the actions so that every one comes after those that it waits for, otherwise in order of addition.
 */
export interface Draft {
  add<K extends ActionKind>(kind: K, fields: DraftFields<K>, rest: DraftRest): Node;
  /** `node` also waits for these. */
  order(node: Node, after: Iterable<Node>): void;
  unchanged(one: Plan['unchanged'][number]): void;
  finish(operation: { readonly project: string; readonly operation: string }): Plan;
  /** Like `finish`; undefined when actions wait for each other. */
  tryFinish(operation: { readonly project: string; readonly operation: string }): Plan | undefined;
}

/** Handle of an action without a number yet. */
export interface Node {
  readonly kind: ActionKind;
}

/** An existing container by its id, or the one that a `container.create` node makes. */
export type ContainerRef = string | Node;

type DraftFields<K extends ActionKind> = {
  readonly [F in keyof ActionFields[K]]: F extends 'container' ? ContainerRef : ActionFields[K][F];
};

interface DraftRest {
  readonly reason: Reason;
  readonly after?: Iterable<Node>;
  readonly group?: string | undefined;
  readonly destructive?: boolean;
}

interface Entry extends Node {
  readonly after: Set<Node>;
  readonly reason: Reason;
  readonly group?: string | undefined;
  readonly destructive: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function startDraft(): Draft {
  const entries = new Map<Node, Entry>();
  const unchanged: Plan['unchanged'][number][] = [];
  const draft: Draft = {
    add(kind, fields, { reason, after = [], group, destructive = false }) {
      const entry: Entry = { kind, after: new Set(after), reason, group, destructive, fields };
      entries.set(entry, entry);
      return entry;
    },
    order(node, after) {
      for (const one of after) entries.get(node)?.after.add(one);
    },
    unchanged(one) {
      unchanged.push(one);
    },
    finish(operation) {
      const plan = draft.tryFinish(operation);
      if (plan === undefined) throw new Error(`plan: actions of ${operation.operation} wait for each other`);
      return plan;
    },
    tryFinish({ project, operation }) {
      const { order } = topologicalOrder(entries.values(), (entry) => [...entry.after].map((node) => node as Entry));
      if (order === undefined) return undefined;
      const ids = new Map<Node, number>(order.map((entry, index) => [entry, index + 1]));
      const names = (a: { kind: string; name: string }, b: { kind: string; name: string }) =>
        compare(a.kind, b.kind) || compare(a.name, b.name);
      return { project, operation, actions: order.map((entry) => toAction(entry, ids)), unchanged: unchanged.sort(names) };
    },
  };
  return draft;
}

function toAction(entry: Entry, ids: ReadonlyMap<Node, number>): Action {
  const after = [...entry.after].map((node) => ids.get(node) ?? 0).sort((a, b) => a - b);
  const { container, ...fields } = entry.fields;
  // The fields were typed by kind when they were added; the map above lost the connection.
  return {
    kind: entry.kind,
    id: ids.get(entry) ?? 0,
    after,
    reason: entry.reason,
    ...(entry.group === undefined ? {} : { group: entry.group }),
    ...(entry.destructive ? { destructive: true } : {}),
    ...(container === undefined
      ? {}
      : { container: typeof container === 'string' ? container : `#${ids.get(container as Node)}` }),
    ...fields,
  } as unknown as Action;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
