import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { VolumeSpec } from '#core/engine/specs.ts';
import type { EngineContext } from '../engine-context.ts';
import { transaction } from '../host/database.ts';
import { findVolume, volumeData, volumeUsers } from './stored-volume.ts';
import { checkVolumeSpec } from './volume-driver.ts';
import { unmountVolume } from './volume-mount.ts';

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

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
