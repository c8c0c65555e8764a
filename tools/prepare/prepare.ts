import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runForeground } from '../process/run-foreground.ts';
import { imageTools, installToolsCommand, type Tool, testTools } from './install-tools.ts';

export interface Preparation {
  readonly root: string;
  /** Called when a step begins, in words. */
  readonly say: (text: string) => void;
  /** What tools/images/build-images.ts is asked for. */
  readonly images: readonly string[];
  /** `cache`: for tests, which import what is assembled in no time and run more tools. `store`: into the machine's own store. */
  readonly into: 'cache' | 'store';
}

/**
 * Makes a bare machine able to run containers: host packages and native programs through `tscompose doctor --fix`, the bundle,
 * then images. Everything that is there already costs next to nothing. Throws when a step fails; its words are on the terminal.
 */
export async function prepare(preparation: Preparation): Promise<void> {
  const { root, say } = preparation;
  say('host requirements and native programs: tscompose doctor --fix');
  await mustRun({
    root,
    argv: ['bin/tscompose', 'doctor', '--fix'],
    what: 'the host lacks something that doctor could not install',
  });
  // Now with the native programs: what users run starts three times faster than the sources.
  say('bundle');
  await mustRun({ root, argv: ['bin/node', 'tools/build.ts'], what: 'the program could not be bundled' });
  await installTools({ root, say, tools: preparation.into === 'cache' ? [...imageTools, ...testTools] : imageTools });
  say(`images: ${preparation.images.join(', ')}`);
  using directory = preparation.into === 'cache' ? scratchRoot() : undefined;
  await mustRun({
    root,
    argv: ['bin/node', 'tools/images/build-images.ts', ...preparation.images],
    what: 'an image could not be built',
    ...(directory === undefined ? {} : { env: { TSCOMPOSE_ROOT: directory.path } }),
  });
}

/** Installs what is missing of these tools with the distribution's package manager. */
export async function installTools(request: {
  readonly root: string;
  readonly say: (text: string) => void;
  readonly tools: readonly Tool[];
}): Promise<void> {
  const command = installToolsCommand(request.tools);
  if (command === undefined) return;
  request.say(`tools: ${command}`);
  await mustRun({ root: request.root, argv: ['/bin/sh', '-c', command], what: 'tools could not be installed' });
}

async function mustRun(request: { root: string; argv: readonly string[]; what: string; env?: NodeJS.ProcessEnv }): Promise<void> {
  const status = await runForeground({
    argv: request.argv,
    cwd: request.root,
    stdout: 'stderr',
    ...(request.env === undefined ? {} : { env: request.env }),
  });
  if (status !== 0) throw new Error(`${request.what}: "${request.argv.join(' ')}" ended with status ${status}`);
}

function scratchRoot(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'tsc-prepare-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
