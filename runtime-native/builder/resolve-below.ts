import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';

/**
 * Host path of `path` below `base`, walked one component at a time on directory handles without following a single
 * symbolic link: what a container has put into its volume cannot lead out of it. Errors: `engine.unsupported-option`.
 */
export function resolveBelow(request: { readonly base: string; readonly path: string; readonly volume: string }): string {
  const refuse = (reason: string) =>
    new TscomposeError(
      diagnose('engine.unsupported-option', { kind: 'volume', name: request.volume, option: 'subpath', reason }),
    );
  const parts = request.path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refuse(`"${request.path}" leaves the volume`);
  let fd = openSync(request.base, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    for (const part of parts) {
      let next: number;
      try {
        next = openSync(`/proc/self/fd/${fd}/${part}`, constants.O_RDONLY | constants.O_NOFOLLOW);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error)) throw error;
        throw refuse(error.code === 'ELOOP' ? `"${part}" is a symbolic link` : `"${request.path}" does not exist`);
      }
      closeSync(fd);
      fd = next;
    }
    return readlinkSync(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}
