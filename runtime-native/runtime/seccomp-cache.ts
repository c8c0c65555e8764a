import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { OciSeccomp } from '../bundle/oci.ts';
import { atomicWrite } from '../host/atomic-write.ts';

/** Filters that crun compiled once: libseccomp needs longer for Docker's default profile than all the rest of a start. */
export interface SeccompCache {
  /** The ready-made filter of a profile, base64; undefined when no container has been started with it yet. */
  find(filter: OciSeccomp): string | undefined;
  /** Keeps what the runtime compiled for a container that it has just started with a profile; nothing when it is known. */
  keep(filter: OciSeccomp, id: string): void;
}

/**
 * A filter is used again only with the very program that made it (path, size, time), the same libraries (the linker's cache is
 * written anew when one changes), kernel and architecture. It never stands alone: the profile stays in the configuration, so a
 * runtime that does not know the annotation compiles it as ever, and nothing fails open.
 */
export function seccompCache(request: {
  /** crun. */
  readonly runtime: string;
  readonly runtimeRoot: string;
  readonly directory: string;
}): SeccompCache {
  const { directory, runtimeRoot } = request;
  const maker = [request.runtime, stamp(request.runtime), stamp('/etc/ld.so.cache'), release(), process.arch].join(' ');
  const known = new Map<string, string | undefined>();

  function pathOf(filter: OciSeccomp): string {
    const key = createHash('sha256').update(maker).update(JSON.stringify(filter)).digest('hex');
    return join(directory, `${key}.bpf`);
  }

  function find(path: string): string | undefined {
    if (!known.has(path)) known.set(path, sound(readIfThere(path))?.toString('base64'));
    return known.get(path);
  }

  return {
    find: (filter) => find(pathOf(filter)),
    keep(filter, id) {
      const path = pathOf(filter);
      if (find(path) !== undefined) return;
      const program = readIfThere(join(runtimeRoot, id, 'seccomp.bpf'));
      // Gone already: the container has ended. The next one will do.
      if (program === undefined || program.length === 0 || program.length % instructionBytes !== 0) return;
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      atomicWrite({ path, data: Buffer.concat([digest(program), program]), mode: 0o600 });
      known.set(path, program.toString('base64'));
    },
  };
}

const digestBytes = 32;
const instructionBytes = 8;

/** The program of a cache file whose digest is right: a disk that lies must not weaken a container. */
function sound(file: Buffer | undefined): Buffer | undefined {
  if (file === undefined || file.length <= digestBytes) return undefined;
  const program = file.subarray(digestBytes);
  return digest(program).equals(file.subarray(0, digestBytes)) ? program : undefined;
}

function digest(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

function stamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? 'none' : `${found.size}.${found.mtimeMs}.${found.ino}`;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    // Not there: nothing is known.
    return undefined;
  }
}
