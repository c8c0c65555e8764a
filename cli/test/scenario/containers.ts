import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SupervisorStatus } from '#schemas/supervisor-protocol.ts';
import type { World } from './world.ts';
import type { Finished } from './program.ts';

/** What checks look at of a container, from `ps -a --format json`. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly state: string;
  readonly health: string;
  readonly exitCode: number;
}

/** The containers of a `ps --format json`. */
export function listed(ps: Finished): readonly Container[] {
  if (ps.status !== 0) throw new Error(`ps failed:\n${ps.stderr}`);
  return ps.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .map((row) => ({
      id: String(row['ID']),
      name: String(row['Name']),
      service: String(row['Service']),
      state: String(row['State']),
      health: String(row['Health']),
      exitCode: Number(row['ExitCode']),
    }));
}

/** What the supervisor of a service's first container says of itself; for tests that kill processes by pid. */
export async function supervisorStatus(world: World, service: string): Promise<SupervisorStatus> {
  const container = (await world.containers()).find((one) => one.service === service);
  if (container === undefined) throw new Error(`service ${service} has no container`);
  return JSON.parse(await readFile(join(world.root, 'run/containers', container.id.slice(0, 24), 'status.json'), 'utf8'));
}
