import { existsSync } from 'node:fs';
import type { Requirement } from './install-command.ts';
import { findProgram } from './programs.ts';

interface BuildNeed {
  readonly requirement: Requirement;
  readonly what: string;
  readonly isThere: () => boolean;
}

const needs: readonly BuildNeed[] = [
  { requirement: 'make', what: 'the program "make" is not installed', isThere: () => findProgram('make') !== undefined },
  {
    requirement: 'gcc',
    what: 'no C compiler is installed',
    isThere: () => ['gcc', 'cc'].some((name) => findProgram(name) !== undefined),
  },
  { requirement: 'libc', what: 'the headers of the C library are not installed', isThere: () => hasHeader('stdio.h') },
  { requirement: 'zlib', what: 'the headers of zlib are not installed', isThere: () => hasHeader('zlib.h') },
  { requirement: 'zstd', what: 'the headers of zstd are not installed', isThere: () => hasHeader('zstd.h') },
];

/** What the machine lacks to build the native programs from their source. */
export function missingToBuild(): readonly { readonly what: string; readonly requirement: Requirement }[] {
  return needs.filter((need) => !need.isThere());
}

function hasHeader(name: string): boolean {
  return ['/usr/include', '/usr/local/include'].some((directory) => existsSync(`${directory}/${name}`));
}
