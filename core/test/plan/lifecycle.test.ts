import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { planKill, planPause, planRemove, planStop, planUnpause } from '#core/plan/lifecycle.ts';
import { planPull } from '#core/plan/pull.ts';
import { planRestart, planStart } from '#core/plan/start-services.ts';
import { planSummary } from '#core/plan/summary.ts';
import { planUp } from '#core/plan/up.ts';
import { plainUp, planned, projectOf, type World, worldOf } from './stack.ts';

const file =
  'services: {web: {depends_on: {db: {condition: service_healthy, restart: true}}}, db: {healthcheck: {test: [CMD, x]}}, alone: {}}';

async function running(text = file): Promise<{ world: World; project: ReturnType<typeof projectOf> } & AsyncDisposable> {
  const world = worldOf();
  const project = projectOf(text);
  await world.up(project, { wait: true });
  return { world, project, [Symbol.asyncDispose]: () => world.engine[Symbol.asyncDispose]() };
}

async function stopAll({ world, project }: Awaited<ReturnType<typeof running>>): Promise<void> {
  await world.run(planStop(project, await world.observe(project), { services: [] }), project);
}

function is(actual: string, expected: string): void {
  assert.is(actual.trimEnd(), expected.replaceAll(/^ {4}/gm, '').trim());
}

test('stop: dependents first, with the grace period that was asked for', async () => {
  await using set = await running();
  const { plan, diagnostics } = planStop(set.project, await set.world.observe(set.project), { services: [], timeoutMs: 3000 });
  is(
    planned({ plan, diagnostics }),
    `
    [] -> #1 container p-web-1 stop, requested
    [1] -> #2 container p-db-1 stop, requested
    [] -> #3 container p-alone-1 stop, requested
  `,
  );
  assert.ok(plan.actions.every((action) => action.kind === 'container.stop' && action.timeoutMs === 3000));
});

test('stop: the named service only; stopped ones are unchanged', async () => {
  await using set = await running();
  is(
    planned(planStop(set.project, await set.world.observe(set.project), { services: ['db'] })),
    '[] -> #1 container p-db-1 stop, requested',
  );
  await stopAll(set);
  const { plan } = planStop(set.project, await set.world.observe(set.project), { services: [] });
  assert.equal([plan.actions.length, plan.unchanged.length], [0, 3]);
});

test('resume: what a command stopped stays so, what a resumable stop or a loss of power ended comes back', async () => {
  await using set = await running(`${file.slice(0, -1)}, always: {restart: always}}`);
  const { world, project } = set;
  const stop = async (services: string[], resumable = false) =>
    world.run(planStop(project, await world.observe(project), { services, resumable }), project);
  const start = async (resume: boolean) => planned(planStart(project, await world.observe(project), { services: [], resume }));
  await stop(['db', 'always']);
  await stop([], true);
  const resumed = `
    [] -> #1 container p-alone-1 start, requested
    [] -> #2 container p-always-1 start, requested
    [] -> #3 container p-web-1 start, requested
  `;
  is(await start(true), resumed);
  assert.match(await start(false), 'p-db-1 start');
  const up = async (services: string[]) => planUp(project, await world.observe(project), { ...plainUp, services, resume: true });
  is(planned(await up([])), resumed.replaceAll('requested', 'stopped'));
  await world.up(project);
  await stop([]);
  assert.equal((await up(['web'])).plan.actions, [], 'named or not, and with nothing left to do');
  assert.match(planned(await up([])), 'p-always-1 start');
});

test('start: dependencies of the named ones too, with their conditions', async () => {
  await using set = await running();
  await stopAll(set);
  is(
    planned(planStart(set.project, await set.world.observe(set.project), { services: ['web'] })),
    `
    [] -> #1 container p-db-1 start, requested
    [1] -> #2 container p-db-1 await healthy, dependency (web service_healthy)
    [2] -> #3 container p-web-1 start, requested
  `,
  );
});

test('start: a service without containers is an error', async () => {
  const world = worldOf();
  const project = projectOf('services: {web: {}}');
  is(
    planned(planStart(project, await world.observe(project), { services: [] })),
    'error: plan.no-container: service "web" has no container to start',
  );
});

test('restart: dependents that want it follow when the dependency is ready again', async () => {
  await using set = await running();
  const { plan, diagnostics } = planRestart(set.project, await set.world.observe(set.project), { services: ['db'] });
  is(
    planned({ plan, diagnostics }),
    `
    [] -> #1 container p-db-1 stop, requested [restart:db-1]
    [1] -> #2 container p-db-1 start, requested [restart:db-1]
    [2] -> #3 container p-db-1 await healthy, dependency (web service_healthy)
    [3] -> #4 container p-web-1 stop, dependency-recreated (db) [restart:web-1]
    [4] -> #5 container p-web-1 start, dependency-recreated (db) [restart:web-1]
  `,
  );
  assert.is((await set.world.run({ plan }, set.project)).outcome, 'done');
  is(
    planned(planRestart(set.project, await set.world.observe(set.project), { services: ['db'], withoutDependencies: true })),
    `
    [] -> #1 container p-db-1 stop, requested [restart:db-1]
    [1] -> #2 container p-db-1 start, requested [restart:db-1]
  `,
  );
});

test('restart starts what has ended', async () => {
  await using set = await running('services: {web: {}}');
  await stopAll(set);
  is(
    planned(planRestart(set.project, await set.world.observe(set.project), { services: [] })),
    '[] -> #1 container p-web-1 start, requested [restart:web-1]',
  );
});

test('kill: what runs, all at once; nothing is not an error', async () => {
  await using set = await running();
  is(
    planned(planKill(set.project, await set.world.observe(set.project), { services: ['db', 'web'], signal: 'SIGHUP' })),
    `
    [] -> #1 container p-db-1 kill SIGHUP, requested
    [] -> #2 container p-web-1 kill SIGHUP, requested
  `,
  );
  await stopAll(set);
  is(
    planned(planKill(set.project, await set.world.observe(set.project), { services: [], signal: 'SIGKILL' })),
    'info: plan.nothing-to-kill: No container to kill',
  );
});

test('rm: stopped ones; with stop also the running ones', async () => {
  await using set = await running('services: {web: {}}');
  const options = { services: [], volumes: true };
  const observed = await set.world.observe(set.project);
  is(
    planned(planRemove(set.project, observed, { ...options, stop: false })),
    'info: plan.nothing-stopped: No stopped containers',
  );
  is(
    planned(planRemove(set.project, observed, { ...options, stop: true })),
    `
    [] -> #1 container p-web-1 stop, requested
    [1] -> #2 container p-web-1 remove with volumes, requested
  `,
  );
  await stopAll(set);
  is(
    planned(planRemove(set.project, await set.world.observe(set.project), { ...options, stop: false })),
    '[] -> #1 container p-web-1 remove with volumes, requested',
  );
});

test('pause and unpause', async () => {
  await using set = await running('services: {web: {}}');
  const observe = () => set.world.observe(set.project);
  const paused = planPause(set.project, await observe(), { services: [] });
  is(planned(paused), '[] -> #1 container p-web-1 pause, requested');
  assert.equal(planUnpause(set.project, await observe(), { services: [] }).plan.actions, []);
  await set.world.run(paused, set.project);
  is(planned(planUnpause(set.project, await observe(), { services: [] })), '[] -> #1 container p-web-1 unpause, requested');
});

test('pull: missing ones, or all when the policy says so', async () => {
  const world = worldOf();
  const project = projectOf('services: {a: {image: far}, b: {}}');
  const observed = await world.observe(project);
  const options = { services: [], withoutDependencies: false };
  is(planned(planPull(project, observed, options)), '[] -> #1 image far pull, absent');
  is(
    planned(planPull(project, observed, { ...options, pull: 'always' })),
    `
    [] -> #1 image far pull, requested
    [] -> #2 image img pull, requested
  `,
  );
});

test('the summary counts a recreate once', async () => {
  await using set = await running('services: {web: {}, db: {}}');
  const { plan } = await set.world.plan(projectOf('services: {web: {command: [x]}, db: {}, new: {}}'));
  const { create, recreate, start, stop, remove, unchanged } = planSummary(plan);
  assert.equal(
    { create, recreate, start, stop, remove, unchanged },
    { create: 1, recreate: 1, start: 0, stop: 0, remove: 0, unchanged: 2 },
  );
});

test.run();
