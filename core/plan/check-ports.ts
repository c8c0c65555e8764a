import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Project } from '../model/project.ts';
import type { HostPort, Observed, PortHolder } from '../observe/observed.ts';
import { fixedHostPort, publishedRange } from '../observe/query.ts';
import { diagnose } from './catalogue.ts';

/** A service with the number of replicas it will have; `starts`: at least one of them is started by the plan. */
export interface PortUser {
  readonly service: string;
  readonly replicas: number;
  readonly starts: boolean;
}

/** Host ports that two services want, ranges too short for the replicas, or what somebody else holds. */
export function checkPorts({
  project,
  observed,
  users,
}: {
  project: Project;
  observed: Observed;
  users: readonly PortUser[];
}): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const wanted: (HostPort & { readonly service: string })[] = [];
  for (const { service, replicas, starts } of users) {
    if (replicas === 0) continue;
    for (const port of project.services[service]?.ports ?? []) {
      const range = publishedRange(port);
      const size = range === undefined ? 0 : range.last - range.first + 1;
      // A single port is shared by all replicas.
      if (size > 1 && size < replicas) {
        diagnostics.push(diagnose('plan.port-replicas', { service, published: port.published ?? '', replicas }));
        continue;
      }
      const fixed = fixedHostPort(port);
      if (fixed === undefined) continue;
      wanted.push({ ...fixed, service });
      const holder = starts ? observed.heldPorts.find((held) => overlaps(held, fixed)) : undefined;
      if (holder !== undefined) {
        diagnostics.push(diagnose('plan.port-taken', { service, port: portText(fixed), holder: holderText(holder) }));
      }
    }
  }
  return [...diagnostics, ...clashes(wanted)];
}

function clashes(wanted: readonly (HostPort & { readonly service: string })[]): readonly Diagnostic[] {
  const byPort = Map.groupBy(wanted, (one) => `${one.port}/${one.protocol}`);
  return [...byPort.values()].flatMap((users) => {
    const first = users.find((one) => users.some((other) => other !== one && overlaps(one, other)));
    if (first === undefined) return [];
    const services = [...new Set(users.filter((one) => overlaps(one, first)).map((one) => one.service))];
    return [diagnose('plan.port-clash', { port: portText(first), services })];
  });
}

/** Whether two sockets cannot both listen. */
export function overlaps(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && a.protocol === b.protocol && addressesOverlap(a.hostIp, b.hostIp);
}

function addressesOverlap(a: string, b: string): boolean {
  if (a === b || a === '' || b === '') return true;
  const sameFamily = a.includes(':') === b.includes(':');
  return sameFamily && [a, b].some((address) => address === '0.0.0.0' || address === '::');
}

function portText({ hostIp, port, protocol }: HostPort): string {
  return `${hostIp === '' ? '' : `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:`}${port}/${protocol}`;
}

function holderText({ holderProject, holderService, process, pid }: PortHolder): string {
  if (holderProject !== undefined)
    return holderService === undefined
      ? `project "${holderProject}"`
      : `service "${holderService}" of project "${holderProject}"`;
  if (process !== undefined) return pid === undefined ? `process "${process}"` : `process "${process}" (pid ${pid})`;
  return pid === undefined ? 'another process' : `process ${pid}`;
}
