import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { VolumeSpec } from '#core/engine/specs.ts';
import type { EngineContext } from '../engine-context.ts';

/** A volume as its row tells it. */
export interface StoredVolume {
  readonly name: string;
  readonly project: string | undefined;
  readonly anonymous: boolean;
  readonly spec: VolumeSpec;
}

/** Directory that holds a volume's data. */
export function volumeData({ paths }: Pick<EngineContext, 'paths'>, name: string): string {
  return join(paths.volumes, name, '_data');
}

/** The row of a volume, if there is one. */
export function findVolume(database: DatabaseSync, name: string): StoredVolume | undefined {
  const row = database.prepare('SELECT name, project, anonymous, spec FROM volumes WHERE name = ?').get(name);
  return row === undefined ? undefined : storedVolume(row);
}

/** All volumes by name. */
export function readVolumes(database: DatabaseSync): readonly StoredVolume[] {
  return database.prepare('SELECT name, project, anonymous, spec FROM volumes ORDER BY name').all().map(storedVolume);
}

/** Containers, running or not, that refer to a volume. */
export function volumeUsers(database: DatabaseSync, name: string): readonly { id: string; name: string }[] {
  return database
    .prepare('SELECT c.id, c.name FROM volume_uses u JOIN containers c ON c.id = u.container WHERE u.volume = ? ORDER BY c.name')
    .all(name)
    .map((row) => ({ id: String(row['id']), name: String(row['name']) }));
}

function storedVolume(row: Record<string, unknown>): StoredVolume {
  return {
    name: String(row['name']),
    project: row['project'] === null ? undefined : String(row['project']),
    anonymous: row['anonymous'] === 1,
    spec: JSON.parse(String(row['spec'])) as VolumeSpec, // only insertVolume writes it
  };
}
