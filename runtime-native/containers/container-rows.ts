import type { DatabaseSync } from 'node:sqlite';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { StoredContainer } from './stored-container.ts';

/** A row of `containers`. */
export interface ContainerRow {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly service: string;
  readonly number: number;
  readonly oneOff: boolean;
  readonly createdAt: string;
  readonly desired: 'running' | 'stopped';
  readonly stored: StoredContainer;
}

const columns = 'id, name, project, service, number, one_off, created_at, desired, spec';

/** Containers by name, of one project or of all. */
export function readContainers(database: DatabaseSync, project?: string): readonly ContainerRow[] {
  const rows =
    project === undefined
      ? database.prepare(`SELECT ${columns} FROM containers ORDER BY name`).all()
      : database.prepare(`SELECT ${columns} FROM containers WHERE project = ? ORDER BY name`).all(project);
  return rows.map(containerRow);
}

export function findContainer(database: DatabaseSync, id: string): ContainerRow | undefined {
  const row = database.prepare(`SELECT ${columns} FROM containers WHERE id = ?`).get(id);
  return row === undefined ? undefined : containerRow(row);
}

/** Throws `engine.container-not-found`. */
export function requireContainer(database: DatabaseSync, id: string): ContainerRow {
  const found = findContainer(database, id);
  if (found === undefined) throw new TscomposeError(diagnose('engine.container-not-found', { id: id.slice(0, 12) }));
  return found;
}

export function setDesired(database: DatabaseSync, id: string, desired: ContainerRow['desired']): void {
  database.prepare('UPDATE containers SET desired = ? WHERE id = ?').run(desired, id);
}

function containerRow(row: Record<string, unknown>): ContainerRow {
  return {
    id: String(row['id']),
    name: String(row['name']),
    project: String(row['project']),
    service: String(row['service']),
    number: Number(row['number']),
    oneOff: row['one_off'] === 1,
    createdAt: String(row['created_at']),
    desired: row['desired'] === 'running' ? 'running' : 'stopped',
    stored: JSON.parse(String(row['spec'])) as StoredContainer, // only createContainer writes it
  };
}
