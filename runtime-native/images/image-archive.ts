import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, lstat, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { invalid, maxDocumentBytes } from './image-document.ts';
import type { LayerSource } from './stage-layer.ts';
import { indexTar, resolveMember } from './tar-index.ts';
import type { Workspace } from './workspace.ts';

/** Files by name, out of an archive or a directory. */
export interface ImageArchive extends AsyncDisposable {
  /** As the user wrote it. */
  readonly source: string;
  /** A small text; undefined when there is none. Throws `engine.image-invalid` when it is too long. */
  text(name: string): Promise<string | undefined>;
  /** Where a layer lies. Throws `engine.image-invalid` when it is not there. */
  layer(name: string): Promise<Extract<LayerSource, { readonly path: string }>>;
}

export interface OpenArchiveRequest {
  /** A file, a directory, or `-` for standard input. */
  readonly path: string;
  readonly workspace: Workspace;
  readonly signal?: AbortSignal | undefined;
}

/** Opens an image archive. A compressed one, and one from a pipe, is first written out plain; others are read in place. */
export async function openImageArchive(request: OpenArchiveRequest): Promise<ImageArchive> {
  const { path } = request;
  const found = path === '-' ? undefined : await stat(path).catch(() => undefined);
  if (path !== '-' && found === undefined) throw invalid(path, 'there is no such file');
  if (found?.isDirectory()) return directoryArchive(path);
  const isPlain = found?.isFile() === true && (await decoderOf(path)) === undefined;
  return tarArchive(path, isPlain ? path : await spool(request));
}

function directoryArchive(source: string): ImageArchive {
  const fileOf = async (name: string) => {
    const path = join(source, name);
    const found = await lstat(path).catch(() => undefined);
    return found?.isFile() ? { path, size: found.size } : undefined;
  };
  return {
    source,
    text: async (name) => {
      const file = await fileOf(name);
      if (file === undefined) return undefined;
      checkSize(source, name, file.size);
      return readFile(file.path, 'utf8');
    },
    layer: async (name) => {
      const file = await fileOf(name);
      if (file === undefined) throw invalid(source, `it has no "${name}"`);
      return { path: file.path, offset: 0, length: file.size };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function tarArchive(source: string, path: string): Promise<ImageArchive> {
  const file = await open(path);
  try {
    const members = await indexTar(file, source);
    return {
      source,
      text: async (name) => {
        const member = resolveMember(members, name);
        if (member === undefined) return undefined;
        checkSize(source, name, member.size);
        return (await file.read(Buffer.alloc(member.size), 0, member.size, member.offset)).buffer.toString();
      },
      layer: async (name) => {
        const member = resolveMember(members, name);
        if (member === undefined) throw invalid(source, `it has no "${name}"`);
        return { path, offset: member.offset, length: member.size };
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function checkSize(source: string, name: string, size: number): void {
  if (size > maxDocumentBytes) throw invalid(source, `its "${name}" has more than ${maxDocumentBytes} bytes`);
}

async function decoderOf(path: string): Promise<'gzip' | 'zstd' | undefined> {
  await using file = await open(path);
  return decoderFor(await firstBytes(file));
}

async function firstBytes(file: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  return buffer.subarray(0, bytesRead);
}

function decoderFor(start: Buffer): 'gzip' | 'zstd' | undefined {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  return start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : undefined;
}

async function spool({ path, workspace, signal }: OpenArchiveRequest): Promise<string> {
  const target = join(workspace.path, 'archive.tar');
  const input = path === '-' ? process.stdin : createReadStream(path);
  const stages = [decompress(path), createWriteStream(target)] as const;
  await pipeline(input, ...stages, { ...(signal === undefined ? {} : { signal }) });
  return target;
}

/** A pipeline stage that looks at the first bytes and decompresses what is compressed. */
function decompress(source: string) {
  return async function* (input: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    const iterator = input[Symbol.asyncIterator]();
    const head: Buffer[] = [];
    for (let length = 0; length < 4; ) {
      const next = await iterator.next();
      if (next.done) break;
      head.push(next.value);
      length += next.value.length;
    }
    const start = Buffer.concat(head);
    const whole = (async function* () {
      yield start;
      yield* { [Symbol.asyncIterator]: () => iterator };
    })();
    const kind = decoderFor(start);
    if (kind === undefined) return yield* whole;
    const decoder = kind === 'gzip' ? createGunzip() : createZstdDecompress();
    const feeding = pipeline(whole, decoder).catch(() => {}); // the decoder's own error reaches the loop below
    try {
      yield* decoder;
    } catch (error) {
      throw invalid(source, `the ${kind} data are damaged: ${error instanceof Error ? error.message : error}`);
    }
    await feeding;
  };
}
