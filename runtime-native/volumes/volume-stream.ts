import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { EngineContext } from '../engine-context.ts';
import { findVolume, volumeData } from './stored-volume.ts';
import { volumeSource } from './volume-driver.ts';
import { createVolume } from './volumes.ts';

const tarArguments = ['--numeric-owner', '--xattrs', '--acls', '--sparse'] as const;

/** Writes a volume's files to a stream as a tar archive: owners as numbers, modes, times, links, extended attributes. */
export async function exportVolume(
  context: EngineContext,
  name: string,
  { output, signal }: { readonly output: NodeJS.WritableStream; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const directory = directoryOf(context, name);
  const argv = [...tarArguments, '--create', '--file=-', `--directory=${directory}`, '.'];
  const tar = spawn('tar', argv, { stdio: ['ignore', 'pipe', 'pipe'], ...(signal === undefined ? {} : { signal }) });
  await Promise.all([pipeline(tar.stdout, output, { end: false }), ended(tar, name)]);
}

/**
 * Fills a volume from a tar archive (plain or compressed) and makes it when it is not there. One that has files is only
 * written to with `merge`.
 */
export async function importVolume(
  context: EngineContext,
  name: string,
  request: { readonly input: Readable; readonly merge: boolean; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  if (findVolume(context.database, name) === undefined)
    createVolume(context, { name, driver: 'local', driverOpts: {}, labels: {} });
  const directory = directoryOf(context, name);
  if (!request.merge && readdirSync(directory).some((entry) => entry !== 'lost+found')) {
    throw new TscomposeError(
      diagnose('engine.volume-not-transferable', { name, reason: 'it is not empty', hint: 'add --merge' }),
    );
  }
  // Extraction never follows a link of the archive out of the directory: tar puts links there last.
  const argv = [...tarArguments, '--extract', '--same-owner', '--preserve-permissions', '--file=-', `--directory=${directory}`];
  const { signal } = request;
  const tar = spawn('tar', argv, { stdio: ['pipe', 'ignore', 'pipe'], ...(signal === undefined ? {} : { signal }) });
  // tar that refuses its input closes it; what it said is the error that counts.
  const feeding = pipeline(request.input, tar.stdin).catch(() => undefined);
  await Promise.all([feeding, ended(tar, name)]);
}

function directoryOf(context: EngineContext, name: string): string {
  const volume = findVolume(context.database, name);
  if (volume === undefined) throw new TscomposeError(diagnose('engine.volume-not-found', { name }));
  const source = volumeSource(volume.spec);
  if (source.kind === 'directory') return volumeData(context, name);
  if (source.kind === 'bind') return source.device;
  const reason = 'its files are only mounted inside its containers';
  throw new TscomposeError(
    diagnose('engine.volume-not-transferable', { name, reason, hint: 'use tar in a container that has it' }),
  );
}

async function ended(tar: ChildProcess, name: string): Promise<void> {
  let said = '';
  tar.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2000);
  });
  const [code] = await once(tar, 'close');
  if (code === 0) return;
  const reason = said.trim() || `tar ended with status ${String(code)}`;
  throw new TscomposeError(diagnose('engine.volume-not-transferable', { name, reason }));
}
