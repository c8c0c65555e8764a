import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { VolumeSpec } from '#core/engine/specs.ts';
import type { EngineContext } from '../engine-context.ts';
import { transaction } from '../host/database.ts';
import { checkVolumeSpec } from './volume-driver.ts';
import { unmountVolume } from './volume-mount.ts';

export interface StoredVolume {
  readonly name: string;
  readonly project: string | undefined;
  readonly anonymous: boolean;
  readonly spec: VolumeSpec;
}

/** Makes a named volume: an empty directory of ours, or a promise to mount what the driver options say. */
export function createVolume(context: EngineContext, spec: VolumeSpec): void {
  checkVolumeSpec(spec);
  transaction(context.database, () => {
    if (findVolume(context.database, spec.name) !== undefined) {
      throw new TscomposeError(diagnose('engine.name-taken', { kind: 'volume', name: spec.name }));
    }
    insertVolume(context, { spec, anonymous: false });
  });
}

/** Removes a volume with its data; absent is fine; `engine.volume-in-use` while a container refers to it. */
export async function removeVolume(context: EngineContext, name: string): Promise<void> {
  const { database, paths } = context;
  const volume = findVolume(database, name);
  if (volume === undefined) return;
  const containers = volumeUsers(database, name).map((one) => one.name);
  if (containers.length > 0) throw new TscomposeError(diagnose('engine.volume-in-use', { name, containers }));
  await unmountVolume(context, volume);
  const directory = join(paths.volumes, name);
  const doomed = join(paths.temporary, `volume-${process.pid}-${name}`);
  mkdirSync(paths.temporary, { recursive: true, mode: 0o700 });
  transaction(database, () => {
    // Fails on a use that came meanwhile (foreign key); then nothing has happened.
    database.prepare('DELETE FROM volumes WHERE name = ?').run(name);
    rmSync(doomed, { recursive: true, force: true });
    renameIfThere(directory, doomed);
  });
  rmSync(doomed, { recursive: true, force: true });
}

/** Inside the caller's transaction: row first, then the directory (a directory without a row is reused). */
export function insertVolume(context: EngineContext, volume: { readonly spec: VolumeSpec; readonly anonymous: boolean }): void {
  const { spec, anonymous } = volume;
  context.database
    .prepare('INSERT INTO volumes (name, project, anonymous, spec, created_at) VALUES (?, ?, ?, ?, ?)')
    .run(spec.name, spec.project ?? null, anonymous ? 1 : 0, JSON.stringify(spec), new Date().toISOString());
  mkdirSync(context.paths.volumes, { recursive: true, mode: 0o711 });
  mkdirSync(volumeData(context, spec.name), { recursive: true, mode: 0o755 });
}

/** Directory that holds a volume's data. */
export function volumeData({ paths }: Pick<EngineContext, 'paths'>, name: string): string {
  return join(paths.volumes, name, '_data');
}

export function findVolume(database: DatabaseSync, name: string): StoredVolume | undefined {
  const row = database.prepare('SELECT name, project, anonymous, spec FROM volumes WHERE name = ?').get(name);
  return row === undefined ? undefined : storedVolume(row);
}

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

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
