import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import type { ImageName } from '#tools/images/image-names.ts';
import { keepArtifacts } from './scenario/artifacts.ts';
import { listed } from './scenario/containers.ts';
import { killLeftovers, machineState, newerThan } from './scenario/machine-state.ts';
import { startProgram } from './scenario/program.ts';
import type { Check, World } from './scenario/world.ts';

export { eventually, expect } from './scenario/checks.ts';
export type { Check, World } from './scenario/world.ts';

export interface Scenario {
  /** Files of the project directory by relative path. */
  project(files: Readonly<Record<string, string>>): Scenario;
  /** Images that must be in the store, made by `tools/images`. */
  images(...names: readonly ImageName[]): Scenario;
  /** A sentence about behaviour, the command that shows it, what must hold then. The first check after an exit status of its own may be `expect.exit`; without one the status must be 0. */
  step(sentence: string, argv: readonly string[], ...checks: readonly Check[]): Scenario;
  /** Changes files of the project between steps. */
  edit(sentence: string, files: Readonly<Record<string, string>>): Scenario;
  /** Starts a command that stays, such as `up` in the foreground; checks run while it does. */
  start(sentence: string, argv: readonly string[], ...checks: readonly Check[]): Scenario;
  /** Sends a signal to the command that stays and waits for its end. */
  signal(sentence: string, name: NodeJS.Signals, ...checks: readonly Check[]): Scenario;
  /** Anything else. */
  act(sentence: string, body: Check): Scenario;
  /** Registers the scenario as one uvu test. */
  test(): void;
}

interface Step {
  readonly sentence: string;
  readonly body: (world: World) => Promise<void>;
}

/**
 * A test in steps on real containers. Own TSCOMPOSE_ROOT under /tmp; afterwards the project is taken down and the machine
 * compared with before: mounts, links, nft tables, cgroups, processes. A failure leaves `artifacts/<scenario>/`;
 * TSCOMPOSE_KEEP=1 keeps everything alive.
 */
export function scenario(name: string): Scenario {
  const steps: Step[] = [];
  const files: Record<string, string> = {};
  const images: ImageName[] = [];
  const add = (sentence: string, body: Step['body']): Scenario => {
    steps.push({ sentence, body });
    return self;
  };
  const self: Scenario = {
    project(more) {
      Object.assign(files, more);
      return self;
    },
    images(...names) {
      images.push(...names);
      return self;
    },
    step: (sentence, argv, ...checks) =>
      add(sentence, async (world) => {
        world.last = await world.run(...argv);
        await checkAll(world, checks);
      }),
    edit: (sentence, changes) => add(sentence, (world) => writeFiles(world.directory, changes)),
    start: (sentence, argv, ...checks) =>
      add(sentence, async (world) => {
        world.running = startProgram(argv, world);
        for (const check of checks) await check(world);
      }),
    signal: (sentence, signalName, ...checks) =>
      add(sentence, async (world) => {
        if (world.running === undefined) throw new Error('no command is running: use start() before');
        world.running.kill(signalName);
        world.last = await world.running.finished;
        world.running = undefined;
        await checkAll(world, checks);
      }),
    act: (sentence, body) => add(sentence, async (world) => body(world)),
    test: () => test(name, () => runScenario({ name, steps, files, images })),
  };
  return self;
}

/** Checks that say nothing about the exit status mean 0. */
async function checkAll(world: World, checks: readonly Check[]): Promise<void> {
  const status = world.last.status;
  if (status !== 0 && !checks.some((check) => 'aboutStatus' in check)) {
    throw new Error(`exit status ${status}, expected 0\n${world.last.stderr}`);
  }
  for (const check of checks) await check(world);
}

async function runScenario(plan: {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly files: Readonly<Record<string, string>>;
  readonly images: readonly ImageName[];
}): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'tsc-'));
  const world = await makeWorld(home, plan.files);
  const before = await machineState(world.root);
  const keeps = process.env['TSCOMPOSE_KEEP'] === '1';
  let failure: unknown;
  try {
    await prepareImages(plan.images, world);
    for (const { sentence, body } of plan.steps) await runStep(world, sentence, body);
  } catch (error) {
    failure = error;
    await keepArtifacts(plan.name, world);
  }
  if (keeps) {
    console.error(`kept: TSCOMPOSE_ROOT=${world.root}, project in ${world.directory}`);
    if (failure !== undefined) throw failure;
    return;
  }
  await cleanUp(world);
  const left = await newerThan(before, world.root);
  await rm(home, { recursive: true, force: true });
  if (failure !== undefined) throw failure;
  if (left.length > 0) throw new Error(`left on the machine after down:\n${left.join('\n')}`);
}

async function runStep(world: World, sentence: string, body: Step['body']): Promise<void> {
  world.before = await world.containers();
  try {
    await body(world);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // uvu keeps the difference of the two values beside the message.
    const details = error instanceof Error && 'details' in error ? `\n${String(error.details)}` : '';
    throw new Error(`step "${sentence}": ${reason}${details}`, { cause: error });
  }
}

async function makeWorld(home: string, files: Readonly<Record<string, string>>): Promise<World> {
  const project = 'app';
  const directory = join(home, project);
  await mkdir(directory);
  await writeFiles(directory, files);
  const world: World = {
    root: join(home, 'r'),
    directory,
    project,
    last: { argv: [], status: 0, stdout: '', stderr: '', ms: 0 },
    running: undefined,
    before: [],
    containers: async () => listed(await world.run('-p', project, 'ps', '-a', '--no-trunc', '--format', 'json')),
    run: (...argv) => startProgram(argv, world).finished,
    feed: (input, ...argv) => startProgram(argv, world, input).finished,
  };
  return world;
}

async function writeFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}

async function prepareImages(names: readonly ImageName[], world: World): Promise<void> {
  if (names.length === 0) return;
  const { ensureImages } = await import('#tools/images/build-images.ts');
  await ensureImages(names, { env: { ...process.env, TSCOMPOSE_ROOT: world.root }, log: () => {} });
}

async function cleanUp(world: World): Promise<void> {
  world.running?.kill('SIGKILL');
  await world.running?.finished;
  await world.run('-p', world.project, 'down', '-v', '--remove-orphans', '-t', '0');
  await killLeftovers(world.root);
}
