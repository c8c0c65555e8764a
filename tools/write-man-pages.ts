import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { globalFlags } from '#cli/args/globals.ts';
import { manPages } from '#cli/args/man.ts';
import { commandLoaders } from '#cli/commands/index.ts';
import { version } from '#cli/version.ts';

/** Writes the manual pages into a directory (`<directory>/tscompose.1`, …) for `man -M` or a package; returns how many. */
export async function writeManPages(directory: string): Promise<number> {
  const commands = await Promise.all(Object.values(commandLoaders).map((load) => load()));
  const pages = manPages({ program: 'tscompose', version, globals: globalFlags, commands });
  await mkdir(directory, { recursive: true });
  await Promise.all(pages.map(({ file, text }) => writeFile(join(directory, file), text)));
  return pages.length;
}
