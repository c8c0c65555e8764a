import { open } from 'node:fs/promises';
import type { Descriptor } from '../image-document.ts';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

export interface DownloadRequest {
  readonly client: RegistryClient;
  readonly descriptor: Descriptor;
  /** File to create. */
  readonly target: string;
  readonly onBytes: (doneBytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const resumes = 5;

/** Downloads a blob into a file and flushes it; a cut connection goes on where it ended. Whoever unpacks it checks the digest. */
export async function downloadBlob(request: DownloadRequest): Promise<void> {
  const { client, descriptor, target, onBytes, signal } = request;
  await using file = await open(target, 'wx', 0o600);
  let done = 0;
  for (let attempt = 0; done < descriptor.size; attempt++) {
    const response = await client.send({
      target: `blobs/${descriptor.digest}`,
      headers: done === 0 ? {} : { range: `bytes=${done}-` },
      accepts: [200, 206],
    });
    // Without support for ranges it starts again.
    if (done > 0 && response.status !== 206) done = 0;
    try {
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        if (done + chunk.length > descriptor.size) throw new RegistryError(`${descriptor.digest} is longer than announced`);
        await file.write(chunk, 0, chunk.length, done);
        done += chunk.length;
        onBytes(done);
      }
      if (done < descriptor.size) throw new Error('the connection ended early');
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RegistryError || isDiskError(error)) throw error;
      if (attempt === resumes) throw new RegistryError(`${descriptor.digest} broke off ${attempt + 1} times`, { cause: error });
    }
  }
  await file.sync();
}

function isDiskError(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EIO')
  );
}
