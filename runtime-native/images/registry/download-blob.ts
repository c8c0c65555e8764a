import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lockFile } from '../../host/file-lock.ts';
import { digestHex } from '../digest.ts';
import type { Descriptor } from '../image-document.ts';
import type { ImageStoreContext } from '../image-store-context.ts';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

export interface DownloadRequest {
  readonly context: ImageStoreContext;
  readonly client: Pick<RegistryClient, 'send'>;
  readonly descriptor: Descriptor;
  /** Where the whole blob is put; on the file system of the store. */
  readonly target: string;
  /** Forgets what an earlier command has got of it. */
  readonly fromStart?: boolean;
  readonly onBytes: (doneBytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const attempts = 8;
/** So many bytes show that a connection is worth another attempt. */
const progressBytes = 1024 * 1024;

/**
 * Downloads a blob and flushes it. What has come lies in `downloads/` until it is whole: a cut connection, and also the next
 * command after a killed one, goes on where it ended. Whoever unpacks it checks the digest.
 */
export async function downloadBlob(request: DownloadRequest): Promise<void> {
  const { context, descriptor, target, signal } = request;
  const name = digestHex(descriptor.digest);
  const partial = join(context.paths.downloads, name);
  await mkdir(dirname(partial), { recursive: true, mode: 0o700 });
  const directory = join(context.paths.locks, 'downloads');
  await using _lock = await lockFile({ directory, name, onWait: () => {}, signal });
  if (request.fromStart) await rm(partial, { force: true });
  await fill(request, partial);
  await rename(partial, target);
}

async function fill(request: DownloadRequest, path: string): Promise<void> {
  const { client, descriptor, onBytes, signal } = request;
  await using file = await open(path, 'a', 0o600);
  let { size: done } = await file.stat();
  const restart = async () => {
    await file.truncate(0);
    done = 0;
  };
  if (done > descriptor.size) await restart();
  onBytes(done);
  for (let attempt = 1, mark = done; done < descriptor.size; attempt++) {
    try {
      const response = await client.send({
        target: `blobs/${descriptor.digest}`,
        headers: done === 0 ? {} : { range: `bytes=${done}-` },
        accepts: done === 0 ? [200] : [200, 206, 416],
      });
      // Without support for ranges it starts again; the same when the other side holds less than we do.
      if (done > 0 && !continuesAt(response.status, response.header('content-range'), done)) {
        if (response.status !== 200) response.body.destroy();
        await restart();
        if (response.status !== 200) continue;
      }
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        if (done + chunk.length > descriptor.size) throw new RegistryError(`${descriptor.digest} is longer than announced`);
        await file.write(chunk);
        done += chunk.length;
        onBytes(done);
      }
      if (done < descriptor.size) throw new Error('the connection ended early');
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RegistryError || isDiskError(error)) throw error;
      if (done - mark > progressBytes) attempt = 1;
      mark = done;
      if (attempt === attempts) throw new RegistryError(`${descriptor.digest} broke off ${attempt} times`, { cause: error });
    }
  }
  await file.sync();
}

function continuesAt(status: number, range: string | undefined, start: number): boolean {
  return status === 206 && (range === undefined || new RegExp(`^bytes ${start}-`).test(range));
}

function isDiskError(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EIO')
  );
}
