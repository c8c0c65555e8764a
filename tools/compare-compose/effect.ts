import { runCommand } from '#tools/process/run-command.ts';
import type { Side } from './sides.ts';

/** What there is of a project: for each container, by name, what is told of it. */
export type Effect = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The containers of a project as both programs describe them, without what differs by nature (ids, addresses, times). */
export async function effectOf(side: Side, project: string): Promise<Effect> {
  const ids = (await answer(side, side.list(project))).split('\n').filter((line) => line !== '');
  if (ids.length === 0) return {};
  const rows: unknown = JSON.parse(await answer(side, side.inspect(ids)));
  if (!Array.isArray(rows)) throw new Error(`${side.name}: inspect gave no list`);
  return Object.fromEntries(rows.map((row) => describe(row, project)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The part of `docker inspect` that is compared. */
interface Inspected {
  readonly Name: string;
  readonly State: { readonly Status: string; readonly ExitCode: number };
  readonly Config: {
    readonly Image: string;
    readonly Cmd: readonly string[] | null;
    readonly Entrypoint: readonly string[] | null;
    readonly Env: readonly string[] | null;
    readonly User: string;
    readonly WorkingDir: string;
    readonly Tty: boolean;
    readonly OpenStdin: boolean;
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly HostConfig: { readonly RestartPolicy: { readonly Name: string }; readonly PortBindings: object | null };
  readonly Mounts: readonly {
    readonly Type: string;
    readonly Name?: string;
    readonly Destination: string;
    readonly RW: boolean;
  }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly Aliases: readonly string[] | null }>> };
}

function describe(row: Inspected, project: string): [string, Readonly<Record<string, string>>] {
  const { State: state, Config: config, HostConfig: host } = row;
  const label = (name: string): string => config.Labels[`com.docker.compose.${name}`] ?? '';
  const foreign = ([name]: readonly [string, unknown]): boolean =>
    !/^(com\.docker\.compose|io\.tscompose|org\.tscompose)\./.test(name);
  const mounts = row.Mounts.map(
    (one) => `${one.Type} ${one.Name?.startsWith(project) ? one.Name : ''} ${one.Destination} ${one.RW}`,
  );
  const own = row.Name.replace(/^\//, '');
  // Version 1 has the short id among the names, later ones the container's own name.
  const isOwn = (alias: string): boolean => alias === own || /^[0-9a-f]{12}$/.test(alias);
  const networks = Object.entries(row.NetworkSettings.Networks).map(
    ([network, one]) => `${network} ${(one.Aliases ?? []).filter((alias) => !isOwn(alias)).sort()}`,
  );
  // PATH and HOME come from the image, "affinity" is a note of version 1 to Docker Swarm.
  const isTold = (line: string): boolean => !/^(PATH|HOME|affinity:\w+)=/.test(line);
  return [
    own.replace(/_run_[0-9a-f]+$/, '_run_<random>'),
    {
      state: state.Status,
      'exit code': String(state.ExitCode),
      labels: ['project', 'service', 'container-number', 'oneoff'].map(label).join(' '),
      'own labels': JSON.stringify(Object.entries(config.Labels).filter(foreign).sort()),
      image: config.Image,
      command: JSON.stringify([config.Entrypoint ?? [], config.Cmd ?? []]),
      environment: JSON.stringify((config.Env ?? []).filter(isTold).sort()),
      user: config.User,
      'working directory': config.WorkingDir === '' ? '/' : config.WorkingDir,
      terminal: `${config.Tty} ${config.OpenStdin}`,
      restart: host.RestartPolicy.Name === '' ? 'no' : host.RestartPolicy.Name,
      ports: JSON.stringify(host.PortBindings ?? {}),
      mounts: mounts.sort().join(', '),
      networks: networks.sort().join(', '),
    },
  ];
}

async function answer(side: Side, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, output } = await runCommand({ argv, env: side.env, timeoutMs: 60_000 });
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${output}`);
  return stdout;
}
