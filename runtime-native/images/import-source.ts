import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ImageImport } from '#core/engine/specs.ts';
import { invalid } from './image-document.ts';
import type { LayerSource } from './stage-layer.ts';

/** Opens what an import reads: a file, standard input (`-`), or an http(s) URL. Throws `engine.image-invalid`. */
export async function openImportSource(request: ImageImport, signal?: AbortSignal): Promise<LayerSource> {
  const { source, stdin } = request;
  if (source === '-') {
    if (stdin === undefined) throw invalid('-', 'there is no standard input to read');
    return { stream: stdin };
  }
  if (/^https?:\/\//i.test(source)) return { stream: await fetchArchive(source, signal) };
  const found = await stat(source).catch(() => undefined);
  if (found === undefined) throw invalid(source, 'there is no such file');
  if (found.isDirectory()) throw invalid(source, 'it is a directory, not a tar archive');
  return { path: source };
}

/** Starts the transfer; a connection that is cut becomes an error of the stream, never a short archive. */
async function fetchArchive(url: string, signal: AbortSignal | undefined): Promise<Readable> {
  const failed = (error: unknown): Error => {
    signal?.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return invalid(url, `it cannot be fetched: ${cause instanceof Error ? cause.message : String(cause)}`);
  };
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    throw failed(error);
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw invalid(url, `its server answers ${response.status} ${response.statusText}`.trim());
  }
  const { body } = response;
  return Readable.from(
    (async function* () {
      try {
        for await (const chunk of body) yield chunk;
      } catch (error) {
        throw failed(error);
      }
    })(),
    { objectMode: false },
  );
}
