import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '#tools/process/run-command.ts';
import type { Side } from './side.ts';
import { timed } from './timed.ts';
import type { Workspace } from './workspace.ts';

/** The kernel's own time for the containers plus an empty Node program: nothing that Node starts can be faster. */
export function floorSide(workspace: Workspace, count: number): Side {
  const node = (): Promise<number> => timed({ argv: [process.execPath, '-e', '0'], cwd: workspace.project, env: process.env });
  let downMs = Number.NaN;
  return {
    name: 'floor',
    async up() {
      const { program, directory } = workspace.floor;
      const result = await runCommand({ argv: [program, String(count), directory], timeoutMs: 60_000 });
      for (const name of readdirSync(directory)) if (name !== 'lower') rmSync(join(directory, name), { recursive: true });
      mkdirSync(join(directory, 'lower'), { recursive: true });
      if (result.exitCode !== 0) throw new Error(`the floor program failed:\n${result.output}`);
      const measured: { upMs: number; downMs: number } = JSON.parse(result.stdout);
      downMs = measured.downMs + (await node());
      return measured.upMs + (await node());
    },
    unchanged: node,
    down: async () => downMs,
  };
}
