import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { timed } from './timed.ts';

/** Everything that the sides of the benchmark share, below one directory that goes away with it. */
export interface Workspace extends Disposable {
  readonly directory: string;
  /** Project directory: `count` services of the sleeper image. */
  readonly project: string;
  /** Archive with the sleeper as its only file. */
  readonly imageArchive: string;
  /** Floor program and the directory that it works in. */
  readonly floor: { readonly program: string; readonly directory: string };
}

export const sleeperImage = 'bench/sleeper:1';

/** Compiles the programs, makes the image's archive and the compose file. Needs gcc with a static C library. */
export async function makeWorkspace(request: {
  readonly root: string;
  readonly count: number;
  /** Lines of every service beside its image. */
  readonly service?: readonly string[];
}): Promise<Workspace> {
  const directory = mkdtempSync('/tmp/tscb-');
  const source = join(request.root, 'bench/floor');
  const inside = (...parts: readonly string[]): string => join(directory, ...parts);
  for (const name of ['image', 'project', 'floor/lower']) mkdirSync(inside(name), { recursive: true });
  const run = (...argv: readonly string[]): Promise<number> => timed({ argv, cwd: source, env: process.env });
  const flags = ['-std=gnu17', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror', '-Wshadow'];
  await run('gcc', ...flags, '-static', '-o', inside('image/sleeper'), 'sleeper.c');
  await run('gcc', ...flags, '-o', inside('floor-program'), 'floor.c', 'netlink.c');
  await run('tar', '-C', inside('image'), '-cf', inside('image.tar'), 'sleeper');
  copyFileSync(inside('image/sleeper'), inside('floor/lower/sleeper'));
  writeFileSync(inside('project/compose.yaml'), composeFile(request.count, request.service));
  return {
    directory,
    project: inside('project'),
    imageArchive: inside('image.tar'),
    floor: { program: inside('floor-program'), directory: inside('floor') },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function composeFile(count: number, lines: readonly string[] = []): string {
  const services = Array.from(
    { length: count },
    (_, index) =>
      `  s${String(index + 1).padStart(2, '0')}:\n    image: ${sleeperImage}\n${lines.map((line) => `    ${line}\n`).join('')}`,
  );
  return `services:\n${services.join('')}`;
}
