// timeout: 480s
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import { eventually, expect, scenario, type World } from '../scenario.ts';
import { holds, patienceMs } from '../watch/container-files.ts';

const service = (more: string, watch: string) => `
services:
  web:
    image: tscompose/busybox:1
    command: [sleep, "1000"]
    stop_signal: SIGKILL
    ${more}
    develop:
      watch: [${watch}]
`;

/** Waits until a shell command in `web` prints this. */
const shows = (script: string, pattern: RegExp) => eventually(expect.inside('web', ['sh', '-c', script], pattern), patienceMs);

const isWatching = eventually(expect.stderr(/Watch enabled/), patienceMs);

const at = (world: World, path: string) => join(world.directory, path);

scenario("watch copies what is there, what changes and what goes, as the service's user and to a read-only root")
  .images('busybox')
  .project({
    'compose.yaml': service(
      'user: app\n    read_only: true\n    tmpfs: [/app]',
      '{path: ./src, action: sync, target: /app/src, initial_sync: true, ignore: [node_modules]}',
    ),
    'src/a.txt': 'one',
    'src/node_modules/x': 'no',
    'src/.git/HEAD': 'no',
  })
  .start(
    'watch starts the project and copies',
    ['watch'],
    isWatching,
    shows('cat /app/src/a.txt; ls -A /app/src', /^onea.txt\n$/),
  )
  .act('a saved file', async (world) => {
    await writeFile(at(world, 'src/a.txt'), 'two');
    await shows('cat /app/src/a.txt; stat -c " %u:%g %a" /app/src/a.txt', /^two 1000:1000 644\n$/)(world);
  })
  .act('a file renamed over, as editors do it, with its permissions', async (world) => {
    await writeFile(at(world, 'src/a.txt~'), 'three');
    await chmod(at(world, 'src/a.txt~'), 0o750);
    await rename(at(world, 'src/a.txt~'), at(world, 'src/a.txt'));
    await shows('cat /app/src/a.txt; stat -c " %a" /app/src/a.txt; ls -A /app/src', /^three 750\na.txt\n$/)(world);
  })
  .act('directories, links and files in them, then all of it gone', async (world) => {
    await mkdir(at(world, 'src/d/e'), { recursive: true });
    await writeFile(at(world, 'src/d/e/f'), 'deep');
    await symlink('e/f', at(world, 'src/d/link'));
    await shows('cat /app/src/d/link; readlink /app/src/d/link', /^deepe\/f\n$/)(world);
    await rm(at(world, 'src/d'), { recursive: true });
    await shows('ls -A /app/src', /^a.txt\n$/)(world);
  })
  .act('the whole tree goes and comes back', async (world) => {
    await rm(at(world, 'src'), { recursive: true });
    await shows('ls -A /app', /^$/)(world);
    await mkdir(at(world, 'src'));
    await writeFile(at(world, 'src/b.txt'), 'back');
    await shows('cat /app/src/b.txt; ls -A /app/src', /^backb.txt\n$/)(world);
  })
  .act('a container made again is given everything', async (world) => {
    await world.run('up', '-d', '--force-recreate');
    await holds('web', '/app/src/b.txt', 'back')(world);
  })
  .signal(
    'Ctrl-C ends the watch and leaves the project up',
    'SIGINT',
    expect.exit(130),
    expect.stderr(/Watch disabled/),
    expect.state('web', 'running'),
  )
  .test();

test.run();
