/**
 * How long the registry of samples/registry takes to come up and go: `bin/node bench/registry.ts [--runs N] [--docker]`. Needs root.
 * --docker: beside Docker Compose with the same images and the same file, against a dockerd that the benchmark starts.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureImages } from '#tools/images/build-images.ts';
import { imageGroups } from '#tools/images/image-names.ts';
import { runCommand } from '#tools/process/run-command.ts';
import { prepareRegistry } from '../samples/registry/prepare.ts';
import { type DockerCompose, startDockerCompose } from './lib/docker-daemon.ts';
import { median } from './lib/median.ts';
import { supervisorMemory } from './lib/memory.ts';
import { timed } from './lib/timed.ts';

const root = join(import.meta.dirname, '..');
const steps = ['up until healthy', 'stop', 'start', 'restart', 'down'] as const;
type Times = Record<(typeof steps)[number], number[]>;

interface Stack {
  readonly name: string;
  /** `up -d`, and waiting for all health checks. */
  up(): Promise<number>;
  run(...argv: readonly string[]): Promise<number>;
  /** Until all health checks are green: a process that is just starting would not hear the next step's signal. */
  settle(): Promise<void>;
}

async function benchmark({ runs, withDocker }: { readonly runs: number; readonly withDocker: boolean }): Promise<void> {
  const directory = mkdtempSync('/tmp/tscb-');
  try {
    const tscompose = await tscomposeStack(directory);
    await using daemon = withDocker ? await startDockerCompose(directory) : undefined;
    if (withDocker && daemon === undefined) process.stderr.write('Docker Compose is not installed: no comparison\n');
    const stacks = daemon === undefined ? [tscompose] : [tscompose, await dockerStack(directory, daemon)];
    const results = await measure({ stacks, runs, run: join(directory, 's/run') });
    if (daemon !== undefined) console.log(daemon.versions);
    console.log(results);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(request: {
  readonly stacks: readonly Stack[];
  readonly runs: number;
  readonly run: string;
}): Promise<string> {
  const all = new Map<string, Times>();
  let megabytes = 0;
  for (let round = 0; round < request.runs; round++) {
    for (const stack of request.stacks) {
      const times = all.get(stack.name) ?? (Object.fromEntries(steps.map((step) => [step, []])) as unknown as Times);
      all.set(stack.name, times);
      times['up until healthy'].push(await stack.up());
      if (stack.name === 'tscompose') megabytes = supervisorMemory(request.run);
      for (const step of ['stop', 'start', 'restart'] as const) {
        times[step].push(await stack.run(step));
        if (step !== 'stop') await stack.settle();
      }
      times.down.push(await stack.run('down', '-v'));
    }
  }
  const line = (step: (typeof steps)[number]): string =>
    [step, ...[...all.values()].map((times) => `${(median(times[step]) / 1000).toFixed(2)} s`)].join(' | ');
  return [['', ...all.keys()].join(' | '), ...steps.map(line), `supervisors: ${megabytes.toFixed(1)} MB`].join('\n');
}

async function tscomposeStack(directory: string): Promise<Stack> {
  const project = join(directory, 'registry');
  cpSync(join(root, 'samples/registry'), project, {
    recursive: true,
    filter: (path) => !/\/(prepared|settings\.yaml|\.env)$/.test(path),
  });
  const settings = { hostname: '127.0.0.1', http_port: 28_380, https_port: 28_343, log_port: 28_314 };
  writeFileSync(join(project, 'settings.yaml'), JSON.stringify(settings));
  prepareRegistry(project);
  const env = { ...process.env, TSCOMPOSE_ROOT: join(directory, 's') };
  const program = join(root, 'bin/tscompose');
  await ensureImages(imageGroups['registry'] ?? [], { env, log: () => {} });
  await timed({ argv: [program, 'build', 'registryctl', 'portal'], cwd: project, env });
  writeFileSync(join(directory, 'plain.json'), await plainFile({ program, project, env }));
  const run = (...argv: readonly string[]): Promise<number> =>
    timed({ argv: [program, '-f', join(directory, 'plain.json'), ...argv], cwd: directory, env });
  const up = (): Promise<number> => run('up', '-d', '--wait');
  return { name: 'tscompose', run, up, settle: async () => void (await up()) };
}

/** The same file in the words that docker-compose 1.29 has too: no start interval, no build, files as mounts. */
async function plainFile(request: {
  readonly program: string;
  readonly project: string;
  readonly env: NodeJS.ProcessEnv;
}): Promise<string> {
  const { stdout } = await runCommand({
    argv: [request.program, 'config', '--format', 'json'],
    cwd: request.project,
    env: request.env,
  });
  const { services, networks, volumes, configs, secrets } = JSON.parse(stdout) as Record<
    string,
    Record<string, Record<string, unknown>>
  >;
  const fileOf = (kind: typeof configs, name: unknown): unknown => kind?.[String(name)]?.['file'];
  for (const service of Object.values(services ?? {})) {
    const mounts = [
      ...((service['configs'] ?? []) as { source: string; target: string }[]).map((one) => [
        fileOf(configs, one.source),
        one.target,
      ]),
      ...((service['secrets'] ?? []) as { source: string }[]).map((one) => [
        fileOf(secrets, one.source),
        `/run/secrets/${one.source}`,
      ]),
    ].map(([source, target]) => ({ type: 'bind', source, target, read_only: true }));
    const dependencies = (service['depends_on'] ?? {}) as Record<string, Record<string, unknown>>;
    for (const one of Object.values(dependencies)) delete one['required'];
    // A container of Docker whose syslog cannot be reached at its start does not start, and nobody tries again.
    if (dependencies['log'] !== undefined) dependencies['log']['condition'] = 'service_healthy';
    service['ports'] = ((service['ports'] ?? []) as { host_ip?: string; published: string; target: number }[]).map(
      ({ host_ip: ip, published, target }) => `${ip === undefined ? '' : `${ip}:`}${published}:${target}`,
    );
    service['volumes'] = [...((service['volumes'] ?? []) as unknown[]).map(withoutEmpty), ...mounts];
    service['healthcheck'] = { ...(service['healthcheck'] as object), interval: '1s', start_interval: undefined };
    for (const key of ['configs', 'secrets', 'build', 'command', 'entrypoint'])
      if (service[key] === null || !['command', 'entrypoint'].includes(key)) delete service[key];
    if (service['shm_size'] !== undefined) service['shm_size'] = Number(service['shm_size']);
  }
  const bare = Object.fromEntries(Object.keys(volumes ?? {}).map((name) => [name, {}]));
  const nets = Object.fromEntries(
    Object.entries(networks ?? {}).map(([name, one]) => [name, one['internal'] === true ? { internal: true } : {}]),
  );
  return JSON.stringify({ version: '3.9', services, networks: nets, volumes: bare }, null, 2);
}

/** docker-compose 1.29 knows no empty options of a mount. */
function withoutEmpty(mount: unknown): unknown {
  const { type, source, target, read_only } = mount as Record<string, unknown>;
  return { type, source, target, ...(read_only === true ? { read_only } : {}) };
}

async function dockerStack(directory: string, daemon: DockerCompose): Promise<Stack> {
  const env = daemon.env;
  const archive = join(directory, 'images.tar');
  const images = [...new Set(Object.values(servicesOf(directory)).map((service) => String(service['image'])))];
  const own = { ...process.env, TSCOMPOSE_ROOT: join(directory, 's') };
  await timed({ argv: [join(root, 'bin/tscompose'), 'image', 'save', '-o', archive, ...images], cwd: directory, env: own });
  await timed({ argv: ['docker', 'load', '-i', archive], cwd: directory, env });
  const project = join(directory, 'docker');
  mkdirSync(project);
  cpSync(join(directory, 'plain.json'), join(project, 'plain.json'));
  const run = (...argv: readonly string[]): Promise<number> =>
    timed({ argv: [...daemon.compose, '-p', 'registry', '-f', 'plain.json', ...argv], cwd: project, env });
  const settle = async (): Promise<void> => {
    const count = Object.keys(servicesOf(directory)).length;
    for (let attempt = 0; attempt < 6000; attempt++) {
      const { stdout } = await runCommand({ argv: ['docker', 'ps', '--filter', 'health=healthy', '-q'], env });
      if (stdout.trim().split('\n').length === count) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { output } = await runCommand({ argv: ['docker', 'ps', '-a', '--format', '{{.Names}} {{.Status}}'], env });
    throw new Error(`Docker did not get the stack healthy within 10 minutes:\n${output}`);
  };
  return {
    name: 'docker',
    run,
    settle,
    async up() {
      const started = performance.now();
      await run('up', '-d');
      await settle();
      return performance.now() - started;
    },
  };
}

function servicesOf(directory: string): Record<string, Record<string, unknown>> {
  return JSON.parse(readFileSync(join(directory, 'plain.json'), 'utf8')).services;
}

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, docker: { type: 'boolean', default: false } },
});
await benchmark({ runs: Number(values.runs), withDocker: values.docker });
