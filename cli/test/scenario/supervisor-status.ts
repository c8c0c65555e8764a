import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SupervisorStatus } from '#schemas/supervisor-protocol.ts';
import type { World } from './world.ts';

/** What the supervisor of a service's first container says of itself; for tests that kill processes by pid. */
export async function supervisorStatus(world: World, service: string): Promise<SupervisorStatus> {
  const container = (await world.containers()).find((one) => one.service === service);
  if (container === undefined) throw new Error(`service ${service} has no container`);
  return JSON.parse(await readFile(join(world.root, 'run/containers', container.id.slice(0, 24), 'status.json'), 'utf8'));
}
