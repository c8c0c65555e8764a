import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from './world.ts';

/** Keeps what tells why a scenario failed: the last command, containers, logs, and the volatile state. */
export async function keepArtifacts(name: string, world: World): Promise<void> {
  const directory = join('artifacts', name.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 80));
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const running = world.running?.output();
  const commands = [
    ['-p', world.project, 'ps', '-a'],
    ['-p', world.project, 'logs', '--no-color', '--tail', '100'],
    ['plan'],
  ] as const;
  const texts = await Promise.all(commands.map((argv) => world.run(...argv)));
  const { argv, status, stdout, stderr } = world.last;
  await writeFile(
    join(directory, 'last-command.txt'),
    `$ tscompose ${argv.join(' ')}\n=> ${status}\n${stdout}\n--- stderr\n${stderr}\n`,
  );
  if (running !== undefined)
    await writeFile(join(directory, 'running.txt'), `${running.stdout}\n--- stderr\n${running.stderr}\n`);
  for (const [index, text] of texts.entries()) {
    await writeFile(
      join(directory, `${commands[index]?.at(-1)?.replace(/^-+/, '') ?? index}.txt`),
      `${text.stdout}${text.stderr}`,
    );
  }
  // Sockets cannot be copied; files of the moment may vanish.
  const isFile = (path: string): boolean => !path.endsWith('.sock');
  await cp(join(world.root, 'run'), join(directory, 'run'), { recursive: true, filter: isFile }).catch(() => {});
  console.error(`artifacts: ${directory}`);
}
