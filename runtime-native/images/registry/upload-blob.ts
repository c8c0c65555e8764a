import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { retryDelay } from './retry-delay.ts';
import type { Body, HttpResponse } from './transport.ts';

export interface UploadRequest {
  readonly client: RegistryClient;
  readonly blob: UploadedBlob;
  /** Repositories of this registry that may have the blob: it is mounted from there instead of being sent. */
  readonly mountFrom: readonly string[];
  readonly onBytes: (doneBytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface UploadedBlob {
  readonly digest: string;
  readonly sizeBytes: number;
  /** A part of it; the whole with `start` 0. */
  readonly open: (range: { readonly start: number; readonly end: number }) => Exclude<Body, Buffer>;
}

/** How a blob came to the registry. */
export type UploadOutcome = 'exists' | 'mounted' | 'sent';

/** Up to this size a blob goes in one request: less to and fro. */
const monolithicBytes = 1024 * 1024;
const resumes = 6;
const smallestChunk = 512 * 1024;

/**
 * Brings a blob into a repository: asks whether it is there, tries to mount it, and sends it otherwise. A cut connection
 * goes on where the registry says it ended; a refusal because of size (413, from proxies) makes the pieces smaller.
 */
export async function uploadBlob(request: UploadRequest): Promise<UploadOutcome> {
  const { client, blob } = request;
  const head = await client.send({ method: 'HEAD', target: `blobs/${blob.digest}`, accepts: [200, 404, 307] });
  head.body.resume();
  if (head.status === 200) return 'exists';
  for (let attempt = 1; ; attempt++) {
    const session = await startUpload(request);
    if (session === 'mounted') return 'mounted';
    try {
      if (blob.sizeBytes <= monolithicBytes) await finish(client, { session, blob, start: 0 });
      else await sendPieces(request, session);
      return 'sent';
    } catch (error) {
      request.signal?.throwIfAborted();
      const status = error instanceof RegistryError ? error.status : undefined;
      // The session is lost or unusable: another one starts from the beginning.
      const isLost =
        status === undefined || status === 404 || status === 408 || status === 416 || status === 429 || status >= 500;
      if (!isLost || attempt === 3) throw error;
      await sleep(retryDelay(undefined, { attempt, nowMs: Date.now(), chance: Math.random() }).delayMs);
    }
  }
}

async function startUpload({ client, blob, mountFrom }: UploadRequest): Promise<URL | 'mounted'> {
  for (const repository of mountFrom) {
    const query = new URLSearchParams({ mount: blob.digest, from: repository });
    // 401, 403, 404: not ours to read, or mounts are not known there.
    const response = await client.send({
      method: 'POST',
      target: `blobs/uploads/?${query}`,
      accepts: [201, 202, 400, 403, 404, 405],
    });
    response.body.resume();
    if (response.status === 201) return 'mounted';
    if (response.status === 202) return client.locationOf(response);
  }
  const response = await client.send({ method: 'POST', target: 'blobs/uploads/', accepts: [202] });
  response.body.resume();
  return client.locationOf(response);
}

/** PATCH by PATCH; as large as the registry takes them, normally one. */
async function sendPieces({ client, blob, onBytes, signal }: UploadRequest, session: URL): Promise<void> {
  let location = session;
  let start = 0;
  let pieceBytes = blob.sizeBytes;
  for (let failures = 0; start < blob.sizeBytes; ) {
    const end = Math.min(start + pieceBytes, blob.sizeBytes);
    try {
      const response = await client.send({
        method: 'PATCH',
        target: location,
        headers: { 'content-type': 'application/octet-stream', 'content-range': `${start}-${end - 1}` },
        body: counted(blob.open({ start, end }), (sent) => onBytes(start + sent)),
        accepts: [202, 204, 413],
        once: true,
      });
      response.body.resume();
      if (response.status === 413) {
        const minimum = Math.max(smallestChunk, Number(response.header('oci-chunk-min-length') ?? 0));
        if (pieceBytes <= minimum)
          throw new RegistryError(`${client.registry}, or a proxy before it, refuses even small uploads`, { status: 413 });
        pieceBytes = Math.max(minimum, Math.floor(Math.min(pieceBytes, 64 * smallestChunk) / 4));
        continue;
      }
      location = client.locationOf(response, location);
      start = receivedBytes(response) ?? end;
      failures = 0;
    } catch (error) {
      signal?.throwIfAborted();
      const status = error instanceof RegistryError ? error.status : undefined;
      const mayPass = status === undefined || status === 416 || status === 429 || status >= 500;
      if (!mayPass || ++failures === resumes) throw error;
      await sleep(retryDelay(undefined, { attempt: failures, nowMs: Date.now(), chance: Math.random() }).delayMs);
      const state = await client.send({ target: location, accepts: [204, 202] });
      state.body.resume();
      location = client.locationOf(state, location);
      start = Math.min(receivedBytes(state) ?? 0, blob.sizeBytes);
    }
    onBytes(start);
  }
  await finish(client, { session: location, blob, start });
}

/** The PUT that ends an upload, with what has not been sent yet. */
async function finish(
  client: RegistryClient,
  { session, blob, start }: { readonly session: URL; readonly blob: UploadedBlob; readonly start: number },
): Promise<void> {
  const url = new URL(session);
  url.searchParams.set('digest', blob.digest);
  const response = await client.send({
    method: 'PUT',
    target: url,
    headers: { 'content-type': 'application/octet-stream' },
    ...(start < blob.sizeBytes ? { body: blob.open({ start, end: blob.sizeBytes }) } : {}),
    accepts: [201, 204],
    once: true,
  });
  response.body.resume();
}

/** A blob in a file. */
export function fileBlob(file: { readonly path: string; readonly digest: string; readonly sizeBytes: number }): UploadedBlob {
  return {
    digest: file.digest,
    sizeBytes: file.sizeBytes,
    open: ({ start, end }) => ({ open: () => createReadStream(file.path, { start, end: end - 1 }), length: end - start }),
  };
}

/** Tells how much of the body has been taken. */
function counted(body: Exclude<Body, Buffer>, onSent: (bytes: number) => void): Exclude<Body, Buffer> {
  return { length: body.length, open: () => Readable.from(count(body.open()), { objectMode: false }) };

  async function* count(source: Readable): AsyncGenerator<Buffer> {
    let sent = 0;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      yield chunk;
      sent += chunk.length;
      onSent(sent);
    }
  }
}

/** From `Range: 0-1023`, how much has arrived; registries write `0-0` for nothing, too. */
function receivedBytes(response: HttpResponse): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(response.header('range') ?? '')?.[1];
  if (last === undefined) return undefined;
  return last === '0' ? 0 : Number(last) + 1;
}
