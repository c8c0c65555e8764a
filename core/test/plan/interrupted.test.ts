import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MemoryEngineOptions } from '#core/engine/memory-engine.ts';
import { ownLabel } from '#core/model/labels.ts';
import type { Project } from '#core/model/project.ts';
import { planDown } from '#core/plan/down.ts';
import type { UpOptions } from '#core/plan/options.ts';
import type { Action, Plan } from '#core/plan/plan.ts';
import { planText } from '#core/plan/text.ts';
import { projectOf, type World, worldOf } from './stack.ts';

/** A command killed after any of its actions, run again, must come to the same end as one that was not killed. */
interface Interruption {
  readonly before?: string;
  readonly file: string;
  readonly options?: Partial<UpOptions>;
  readonly engine?: MemoryEngineOptions;
  readonly change?: (world: World) => void;
}

const twoServices =
  'services: {web: {scale: 2, depends_on: {db: {restart: true}}, volumes: [/anon]}, db: {volumes: ["data:/d"]}}\nvolumes: {data: {}}';

const singles = twoServices.replace('scale: 2, ', '');

const cases: Readonly<Record<string, Interruption>> = {
  'first up': { file: twoServices },
  'changed service with dependents that restart': {
    before: twoServices,
    file: twoServices.replace('db: {volumes', 'db: {command: [x], volumes'),
  },
  'changed image': { before: twoServices, file: twoServices, change: ({ engine }) => void engine.setImage('img', 'newer') },
  // One replica each: where the first of two is gone for the moment, the next up gives a new number (gaps stay open).
  'changed network': { before: singles, file: `${singles}\nnetworks: {default: {internal: true}}` },
  'renamed network': { before: twoServices, file: `${twoServices}\nnetworks: {default: {name: shiny}}` },
  'changed volume': {
    before: twoServices,
    file: twoServices.replace('{data: {}}', '{data: {labels: {a: b}}}'),
    options: { recreateVolumes: true },
  },
  'scale up': { before: twoServices, file: twoServices.replace('scale: 2', 'scale: 4') },
  'scale down': { before: twoServices.replace('scale: 2', 'scale: 3'), file: twoServices.replace('scale: 2', 'scale: 1') },
  'shared namespace': {
    before: 'services: {web: {}, side: {network_mode: "service:web"}}',
    file: 'services: {web: {command: [x]}, side: {network_mode: "service:web"}}',
  },
  'port and name that move': {
    before: 'services: {a: {ports: ["8080:80"], container_name: front}, b: {}}',
    file: 'services: {a: {}, b: {ports: ["8080:80"], container_name: front}}',
  },
  'orphans that go': {
    before: 'services: {web: {}, old: {ports: ["8080:80"]}}',
    file: 'services: {web: {ports: ["8080:80"]}}',
    options: { removeOrphans: true },
  },
};

for (const [name, one] of Object.entries(cases)) {
  test(`up, ${name}: interrupted anywhere, the next up completes it`, async () => {
    const file = projectOf(one.file);
    const { plan, end } = await uninterrupted(one, file);
    assert.ok(plan.actions.length > 2, 'the case plans something');
    for (const part of parts(plan)) {
      await using engine = await interrupted(one, file, part);
      const { world } = engine;
      await world.up(file, one.options);
      assert.equal(await stateOf(world, file), end, `after ${planText(part)}`);
      assert.is(planText((await world.plan(file, one.options)).plan), '', `a third up has nothing to do after ${planText(part)}`);
    }
  });
}

test('down: interrupted anywhere, the next down completes it', async () => {
  const file = projectOf(twoServices);
  const options = { services: [], removeOrphans: true, volumes: true };
  const first = worldOf();
  await first.up(file);
  const { plan } = planDown(file, await first.observe(file), options);
  assert.is(plan.actions.length, 8);
  for (const part of parts(plan)) {
    const world = worldOf();
    await using _engine = world.engine;
    await world.up(file);
    await world.run({ plan: part }, file);
    const rest = planDown(file, await world.observe(file), options);
    assert.is((await world.run(rest, file)).outcome, 'done');
    const { containers, networks, volumes } = await world.observe(file);
    assert.equal([containers, networks, volumes], [[], [], []], `after ${planText(part)}`);
  }
});

async function uninterrupted(one: Interruption, file: Project): Promise<{ plan: Plan; end: unknown }> {
  const world = worldOf(one.engine);
  await using _engine = world.engine;
  if (one.before !== undefined) await world.up(projectOf(one.before));
  one.change?.(world);
  const planned = await world.plan(file, one.options);
  assert.is((await world.run(planned, file)).outcome, 'done');
  return { plan: planned.plan, end: await stateOf(world, file) };
}

/** A world in which only a part of the plan was carried out. */
async function interrupted(one: Interruption, file: Project, part: Plan): Promise<AsyncDisposable & { readonly world: World }> {
  const world = worldOf(one.engine);
  if (one.before !== undefined) await world.up(projectOf(one.before));
  one.change?.(world);
  assert.is((await world.run({ plan: part }, file)).outcome, 'done');
  return { world, [Symbol.asyncDispose]: () => world.engine[Symbol.asyncDispose]() };
}

/** Every prefix in plan order, and as many of random orders that the edges allow. */
function parts(plan: Plan): readonly Plan[] {
  const random = generator(plan.actions.length);
  return plan.actions
    .flatMap((_, count) => [plan.actions.slice(0, count), shuffled(plan.actions, random).slice(0, count)])
    .map((actions) => ({
      ...plan,
      actions: [...actions].sort((a, b) => a.id - b.id),
    }));
}

function shuffled(actions: readonly Action[], random: () => number): readonly Action[] {
  const left = new Set(actions);
  const done: Action[] = [];
  while (left.size > 0) {
    const ready = [...left].filter((action) => action.after.every((id) => done.some((one) => one.id === id)));
    const next = ready[Math.floor(random() * ready.length)];
    if (next === undefined) throw new Error('the plan has a cycle');
    left.delete(next);
    done.push(next);
  }
  return done;
}

/** A small linear congruential generator: the same orders in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** What the user sees of the project: everything but ids, times and the names of anonymous volumes. */
async function stateOf(world: World, file: Project): Promise<unknown> {
  const { containers, networks, volumes } = await world.observe(file);
  return {
    containers: containers.map((one) => ({
      name: one.name,
      service: one.service,
      number: one.number,
      state: one.state,
      image: one.imageId,
      hash: one.labels[ownLabel.hash],
      networks: one.endpoints.map((endpoint) => [endpoint.network, endpoint.aliases]),
      mounts: one.mounts.map((mount) => [mount.type, mount.target, mount.anonymous ? '' : mount.source]),
    })),
    networks: networks.map((one) => [one.name, one.labels[ownLabel.hash]]),
    volumes: volumes.filter((one) => !one.anonymous).map((one) => [one.name, one.labels[ownLabel.hash]]),
  };
}

test.run();
