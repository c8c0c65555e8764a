import type { AwaitCondition } from '../engine/engine.ts';
import type { Dependency } from '../model/project.ts';
import type { ObservedContainer } from '../observe/observed.ts';
import type { ContainerRef, Draft, Node } from './draft.ts';
import type { Reason } from './reason.ts';

/** A container of a service after the plan: started by it, or as observed. */
export interface Member {
  readonly ref: ContainerRef;
  readonly name: string;
  readonly service: string;
  /** Last node of its start; undefined: the plan does not start it. */
  readonly started: Node | undefined;
  readonly observed: ObservedContainer | undefined;
}

/** Collects the members of services and adds the waits that their dependents need, each wait once. */
export interface Readiness {
  add(member: Member): void;
  members(service: string): readonly Member[];
  /** What a container that depends on `dependency` has to wait for. */
  nodesFor(dependent: string, dependency: string, how: Pick<Dependency, 'condition' | 'required'>): readonly Node[];
  await(member: Member, wait: Wait): Node | undefined;
}

interface Wait {
  readonly condition: AwaitCondition;
  readonly required: boolean;
  readonly expectExitCode?: number;
  readonly reason: Reason;
}

export function trackReadiness(draft: Draft, waitTimeoutMs: number | undefined): Readiness {
  const members = new Map<string, Member[]>();
  const waits = new Map<Member, Map<string, Node>>();
  const readiness: Readiness = {
    add(member) {
      const list = members.get(member.service);
      if (list === undefined) members.set(member.service, [member]);
      else list.push(member);
    },
    members: (service) => members.get(service) ?? [],
    nodesFor(dependent, dependency, { condition, required }) {
      const all = members.get(dependency) ?? [];
      if (condition === 'service_started') return all.flatMap((member) => member.started ?? []);
      const reason: Reason = { kind: 'dependency', of: dependent, condition };
      const wait: Wait =
        condition === 'service_healthy'
          ? { condition: 'healthy', required, reason }
          : { condition: 'exited', required, expectExitCode: 0, reason };
      return all.flatMap((member) => readiness.await(member, wait) ?? []);
    },
    await(member, { condition, required, expectExitCode, reason }) {
      if (member.started === undefined && isSatisfied(member.observed, { condition, expectExitCode })) return undefined;
      const key = `${condition} ${required} ${expectExitCode}`;
      const known = waits.get(member)?.get(key);
      if (known !== undefined) return known;
      const node = draft.add(
        'container.await',
        {
          container: member.ref,
          name: member.name,
          service: member.service,
          condition,
          required,
          ...(waitTimeoutMs === undefined ? {} : { timeoutMs: waitTimeoutMs }),
          ...(expectExitCode === undefined ? {} : { expectExitCode }),
        },
        { reason, after: member.started === undefined ? [] : [member.started] },
      );
      waits.set(member, (waits.get(member) ?? new Map<string, Node>()).set(key, node));
      return node;
    },
  };
  return readiness;
}

/** Whether what was observed already is what is waited for. */
function isSatisfied(
  container: ObservedContainer | undefined,
  { condition, expectExitCode }: { condition: AwaitCondition; expectExitCode: number | undefined },
): boolean {
  if (container === undefined) return false;
  switch (condition) {
    case 'running':
      return container.state === 'running';
    case 'healthy':
      return container.state === 'running' && container.health === 'healthy';
    case 'running_or_healthy':
      return container.state === 'running' && (container.health === undefined || container.health === 'healthy');
    case 'exited':
      return container.state === 'exited' && (expectExitCode === undefined || container.exitCode === expectExitCode);
  }
}
