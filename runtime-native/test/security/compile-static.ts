import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A program of this directory for use inside a container, from its C source. Needs gcc and a static C library. */
export function compileStatic(source: string): Buffer {
  const directory = mkdtempSync('/tmp/tscp-');
  try {
    const flags = ['-std=gnu17', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror', '-static'];
    execFileSync('gcc', [...flags, '-o', join(directory, 'program'), join(import.meta.dirname, source)], { timeout: 120_000 });
    return readFileSync(join(directory, 'program'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
