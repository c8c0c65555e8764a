import { join } from 'node:path';
import { runCommand } from '#tools/process/run-command.ts';
import { startDocker } from '../lib/docker-daemon.ts';
import { makeWorkspace, sleeperImage } from '../lib/workspace.ts';
import { type Measured, measureWays, publishedPort, serverPort, taken } from './ways.ts';

/** The same with Docker, in a namespace that plays its host; undefined where it is not installed. */
export async function measureDocker(): Promise<readonly Measured[] | undefined> {
  if ((await runCommand({ argv: ['dockerd', '--version'] })).exitCode !== 0) return undefined;
  using workspace = await makeWorkspace({ root: join(import.meta.dirname, '../..'), count: 1 });
  await using daemon = await startDocker(join(workspace.directory, 'd'));
  const docker = async (...argv: readonly string[]): Promise<string> => {
    const { exitCode, stdout, output } = await runCommand({ argv: ['docker', ...argv], env: daemon.env, timeoutMs: 120_000 });
    if (exitCode !== 0) throw new Error(`docker ${argv.join(' ')}: ${output}`);
    return stdout.trim();
  };
  await docker('import', '--change', 'ENTRYPOINT ["/sleeper"]', workspace.imageArchive, sleeperImage);
  await docker('network', 'create', 'bench');
  const names: string[] = [];
  const start = async (name: string, ...more: readonly string[]) => {
    names.push(name);
    await docker('run', '-d', '--name', name, '--network', 'bench', ...more, sleeperImage);
  };
  try {
    await start('server', '-p', `${publishedPort}:${serverPort}`);
    await start('client');
    const inspect = (name: string, format: string) => docker('inspect', '--format', format, name);
    const pidOf = async (name: string) => ({ pid: Number(await inspect(name, '{{.State.Pid}}')) });
    const ipv4 = await inspect('server', '{{.NetworkSettings.Networks.bench.IPAddress}}');
    const rows = await measureWays({
      server: { ...(await pidOf('server')), ipv4 },
      client: await pidOf('client'),
      host: { pid: daemon.pid },
    });
    const many = () => Promise.all(Array.from({ length: 20 }, (_, index) => start(`many-${index}`)));
    return [...rows, { what: 'start of 20 containers with an endpoint each', figures: [await taken(many)] }];
  } finally {
    await docker('rm', '-f', ...names);
  }
}
