import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from './args/catalogue.ts';
import type { Host } from './host.ts';

/**
 * Hands `write` the stream that a command's `--output` means: a file that appears whole or not at all, readable by its owner only, or
 * stdout without one. Rejects with `cli.archive-to-terminal`, `cli.bad-path`.
 */
export async function writeArchive(
  request: { readonly host: Host; readonly path: string | undefined; readonly what: string },
  write: (output: NodeJS.WritableStream) => Promise<void>,
): Promise<void> {
  const { host, what } = request;
  if (request.path === undefined || request.path === '-') {
    if (host.stdout.isTTY) throw new TscomposeError(diagnose('cli.archive-to-terminal', { what }));
    return write(host.stdout);
  }
  const path = resolve(host.cwd, request.path);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw badPath(request.path, 'it is a directory');
  // A device or a pipe is written to, a file is replaced.
  const isReplaced = found === undefined || found.isFile();
  const target = isReplaced ? `${path}.${randomBytes(4).toString('hex')}.tmp` : path;
  const stream = createWriteStream(target, { mode: 0o600, flags: isReplaced ? 'wx' : 'w' });
  try {
    await once(stream, 'open').catch((error: Error) => {
      throw badPath(request.path ?? '', error.message.replace(/,.*$/, ''), error);
    });
    await Promise.race([write(stream), once(stream, 'error').then(([error]) => Promise.reject(error))]);
    stream.end();
    await once(stream, 'close');
    if (isReplaced) await rename(target, path);
  } catch (error) {
    stream.destroy();
    if (isReplaced) await rm(target, { force: true });
    throw error;
  }
}

function badPath(path: string, why: string, cause?: Error): TscomposeError {
  return new TscomposeError(diagnose('cli.bad-path', { path, why }), { cause });
}
