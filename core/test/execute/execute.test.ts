import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { type Call, type MemoryEngineOptions, memoryEngine } from '#core/engine/memory-engine.ts';
import type { Event } from '#core/events/event.ts';
import { type Execution, execute } from '#core/execute/execute.ts';
import type { Project } from '#core/model/project.ts';
import { observeQuery } from '#core/observe/query.ts';
import { planDown } from '#core/plan/down.ts';
import type { UpOptions } from '#core/plan/options.ts';
import { planUp } from '#core/plan/up.ts';
import { plainUp, projectOf } from '../plan/stack.ts';

interface Run {
  readonly execution: Execution;
  readonly events: readonly Event[];
  readonly engine: ReturnType<typeof memoryEngine>;
}

async function up(
  file: string | Project,
  {
    options,
    signal,
    concurrency,
    ...engineOptions
  }: MemoryEngineOptions & { options?: Partial<UpOptions>; signal?: AbortSignal; concurrency?: number } = {},
): Promise<Run> {
  const project = typeof file === 'string' ? projectOf(file) : file;
  const engine = memoryEngine({ images: ['img'], ...engineOptions });
  const observed = await engine.observe(observeQuery(project));
  const { plan } = planUp(project, observed, { ...plainUp, ...options });
  const events: Event[] = [];
  const execution = await execute({
    plan,
    project,
    observed,
    engine,
    emit: (event) => events.push(event),
    ...(signal === undefined ? {} : { signal }),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
  return { execution, events, engine };
}

/** Event types with what they are about, without progress. */
function story(events: readonly Event[], types: readonly Event['type'][]): readonly string[] {
  return events.flatMap((event) => {
    if (!types.includes(event.type) || !('action' in event)) return [];
    const { action } = event;
    const subject = 'name' in action ? action.name : action.kind === 'provider.run' ? action.service : action.reference;
    return [`${event.type.replace('action-', '')} ${action.kind} ${subject}`];
  });
}

const failing = (name: Call['name'], subject: string): MemoryEngineOptions => ({
  fail: (call) =>
    call.name === name && call.subject === subject
      ? new TscomposeError(diagnose('engine.start-failed', { name: subject, reason: 'no' }))
      : undefined,
});

const states = async ({ engine }: Run) => Object.fromEntries((await engine.listContainers()).map((one) => [one.name, one.state]));

test('every action starts after those before it have finished', async () => {
  const { execution, events } = await up('services: {web: {scale: 3, depends_on: [db]}, db: {}}', {
    delayMs: ({ subject }) => subject.length % 3,
  });
  assert.is(execution.outcome, 'done');
  const finished = new Set<number>();
  for (const event of events) {
    if (event.type === 'action-started')
      assert.ok(
        event.action.after.every((id) => finished.has(id)),
        `#${event.action.id} is early`,
      );
    if (event.type === 'action-finished') finished.add(event.action.id);
  }
  assert.is(finished.size, 9);
});

test('no more work at once than the limit, and no less than possible', async () => {
  let running = 0;
  let most = 0;
  const services = Array.from({ length: 20 }, (_, index) => `s${index}: {}`).join(', ');
  const project = projectOf(`services: {${services}}`);
  const engine = memoryEngine({ images: ['img'] });
  const start = engine.startContainer;
  engine.startContainer = async (...given) => {
    most = Math.max(most, ++running);
    await sleep(2);
    running--;
    return start(...given);
  };
  const observed = await engine.observe(observeQuery(project));
  const { plan } = planUp(project, observed, plainUp);
  const { outcome } = await execute({ plan, project, observed, engine, emit: () => {}, concurrency: 5 });
  assert.is(outcome, 'done');
  assert.is(most, 5);
});

test('stops are not limited: they mostly wait', async () => {
  const services = Array.from({ length: 20 }, (_, index) => `s${index}: {}`).join(', ');
  const project = projectOf(`services: {${services}}`);
  const { engine } = await up(project);
  const observed = await engine.observe(observeQuery(project));
  const { plan } = planDown(project, observed, { services: [], removeOrphans: false, volumes: false });
  let running = 0;
  let most = 0;
  const stop = engine.stopContainer;
  engine.stopContainer = async (...given) => {
    most = Math.max(most, ++running);
    await sleep(2);
    running--;
    return stop(...given);
  };
  await execute({ plan, project, observed, engine, emit: () => {}, concurrency: 2 });
  assert.is(most, 20);
  assert.equal(await engine.listContainers(), []);
});

test('after a failure nothing new starts, what runs finishes', async () => {
  const run = await up('services: {bad: {}, slow: {}, web: {depends_on: [slow]}}', {
    ...failing('startContainer', 'p-bad-1'),
    delayMs: ({ name, subject }) => (name === 'startContainer' && subject === 'p-slow-1' ? 20 : 0),
  });
  assert.is(run.execution.outcome, 'failed');
  assert.equal(
    run.execution.diagnostics.map((one) => one.code),
    ['engine.start-failed'],
  );
  assert.equal(await states(run), { 'p-bad-1': 'created', 'p-slow-1': 'running', 'p-web-1': 'created' });
  assert.equal(story(run.events, ['action-failed', 'action-cancelled']), [
    'failed container.start p-bad-1',
    'cancelled container.start p-web-1',
  ]);
});

test('after a failure nobody goes on waiting', async () => {
  const run = await up('services: {db: {healthcheck: {test: [CMD, x]}}, web: {depends_on: {db: service_healthy}}, bad: {}}', {
    behaviour: ({ serviceName }) => (serviceName === 'db' ? { health: 'starting' } : {}),
    ...failing('startContainer', 'p-bad-1'),
    delayMs: ({ name, subject }) => (name === 'startContainer' && subject === 'p-bad-1' ? 10 : 0),
  });
  assert.is(run.execution.outcome, 'failed');
  assert.ok(story(run.events, ['action-cancelled']).includes('cancelled container.await p-db-1'));
});

test('an interrupted command ends what runs and starts nothing more', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('Ctrl-C')), 10);
  const run = await up('services: {db: {}, web: {depends_on: [db]}}', {
    signal: controller.signal,
    delayMs: ({ name }) => (name === 'startContainer' ? 60_000 : 0),
  });
  assert.is(run.execution.outcome, 'interrupted');
  assert.equal(run.execution.diagnostics, []);
  assert.equal(story(run.events, ['action-cancelled']), [
    'cancelled container.start p-db-1',
    'cancelled container.start p-web-1',
  ]);
  assert.equal(await states(run), { 'p-db-1': 'created', 'p-web-1': 'created' });
});

test('a signal that was aborted before starts nothing', async () => {
  const run = await up('services: {db: {}}', { signal: AbortSignal.abort() });
  assert.is(run.execution.outcome, 'interrupted');
  assert.equal(run.engine.calls, []);
});

test('every action has exactly one end', async () => {
  const run = await up('services: {a: {}, b: {depends_on: [a]}, c: {depends_on: [b]}}', failing('startContainer', 'p-b-1'));
  const ends = run.events.flatMap((event) => (event.type !== 'action-started' && 'action' in event ? [event.action.id] : []));
  assert.equal(
    ends.sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7],
  );
});

for (const [what, behaviour, healthcheck, code, message] of [
  [
    'unhealthy',
    { health: 'unhealthy', healthOutput: 'refused' },
    true,
    'plan.dependency-unhealthy',
    'dependency failed to start: container p-db-1 is unhealthy',
  ],
  ['exited', { exitCode: 1 }, true, 'plan.dependency-exited', 'dependency failed to start: container p-db-1 exited (1)'],
  [
    'without a health check',
    {},
    false,
    'plan.dependency-without-healthcheck',
    'dependency failed to start: container p-db-1 has no healthcheck configured',
  ],
] as const) {
  const db = healthcheck ? '{healthcheck: {test: [CMD, x]}}' : '{}';
  const options = { behaviour: ({ serviceName }: { serviceName: string }) => (serviceName === 'db' ? behaviour : {}) };

  test(`a dependency that is ${what} fails the command`, async () => {
    const run = await up(`services: {db: ${db}, web: {depends_on: {db: service_healthy}}}`, options);
    assert.equal(
      run.execution.diagnostics.map((one) => [one.code, one.message]),
      [[code, message]],
    );
    assert.is((await states(run))['p-web-1'], 'created');
  });

  test(`an optional one that is ${what} is skipped`, async () => {
    const run = await up(
      `services: {db: ${db}, web: {depends_on: {db: {condition: service_healthy, required: false}}}}`,
      options,
    );
    assert.is(run.execution.outcome, 'done');
    assert.is((await states(run))['p-web-1'], 'running');
    const skipped = run.events.flatMap((event) => (event.type === 'action-skipped' ? [event.diagnostic] : []));
    assert.equal(
      skipped.map((one) => [one.code, one.severity, one.message]),
      [['plan.optional-skipped', 'warning', `optional dependency "db" failed to start: ${message}`]],
    );
  });
}

test('a job that fails does not let its dependents start', async () => {
  const file = 'services: {job: {}, web: {depends_on: {job: service_completed_successfully}}}';
  const exits = (exitCode: number) => ({
    behaviour: ({ serviceName }: { serviceName: string }) => (serviceName === 'job' ? { exitCode } : {}),
  });
  const bad = await up(file, exits(4));
  assert.equal(
    bad.execution.diagnostics.map((one) => [one.code, one.message]),
    [['plan.did-not-complete', `service "job" didn't complete successfully: exit 4`]],
  );
  const good = await up(file, exits(0));
  assert.is(good.execution.outcome, 'done');
  assert.is((await states(good))['p-web-1'], 'running');
});

test('a container that is removed while others wait for it', async () => {
  const project = projectOf('services: {db: {healthcheck: {test: [CMD, x]}}, web: {depends_on: {db: service_healthy}}}');
  const engine = memoryEngine({ images: ['img'] });
  engine.awaitContainer = async () => ({ outcome: 'removed' });
  const observed = await engine.observe(observeQuery(project));
  const { plan } = planUp(project, observed, plainUp);
  const { diagnostics } = await execute({ plan, project, observed, engine, emit: () => {} });
  assert.equal(
    diagnostics.map((one) => one.code),
    ['plan.dependency-removed'],
  );
});

test('--wait fails when a container exits, also with status 0', async () => {
  const run = await up('services: {web: {healthcheck: {test: [CMD, x]}}}', {
    behaviour: () => ({ health: 'starting', exitCode: 0, runMs: 5 }),
    options: { wait: true },
  });
  assert.equal(
    run.execution.diagnostics.map((one) => [one.code, one.message]),
    [['plan.dependency-exited', 'dependency failed to start: container p-web-1 exited (0)']],
  );
});

test('a wait that takes too long', async () => {
  const run = await up('services: {db: {healthcheck: {test: [CMD, x]}}}', {
    behaviour: () => ({ health: 'starting' }),
    options: { wait: true, waitTimeoutMs: 10 },
  });
  assert.equal(
    run.execution.diagnostics.map((one) => one.code),
    ['plan.await-timeout'],
  );
  assert.is((await states(run))['p-db-1'], 'running');
});

test('hooks run in the container with what they say', async () => {
  const seen: unknown[] = [];
  const run = await up('services: {db: {post_start: [{command: [init, now], user: u, working_dir: /d, environment: {A: b}}]}}', {
    behaviour: () => ({
      exec: (spec) => {
        seen.push(spec);
        return { stdout: 'one\ntwo' };
      },
    }),
  });
  assert.is(run.execution.outcome, 'done');
  assert.equal(seen, [
    { argv: ['init', 'now'], env: ['A=b'], user: 'u', workingDir: '/d', tty: false, privileged: false, detach: false },
  ]);
  assert.equal(
    run.events.flatMap((event) => (event.type === 'log-line' ? [event.text] : [])),
    ['one', 'two'],
  );
});

test('a hook that fails fails the command with the end of its output', async () => {
  const run = await up('services: {db: {post_start: [{command: [init]}]}}', {
    behaviour: () => ({ exec: () => ({ exitCode: 2, stdout: 'fine', stderr: 'no disk\n' }) }),
  });
  assert.equal(
    run.execution.diagnostics.map((one) => [one.code, one.message]),
    [['plan.hook-failed', 'db hook exited with status 2: no disk']],
  );
  assert.is((await states(run))['p-db-1'], 'running');
});

test('pulls tell their progress', async () => {
  const { events } = await up('services: {web: {image: far}}');
  const progress = events.flatMap((event) => (event.type === 'action-progress' ? [[event.done, event.total, event.unit]] : []));
  assert.equal(progress, [
    [1_000_000, 1_000_000, 'bytes'],
    [1_000_000, 1_000_000, 'bytes'],
  ]);
});

test('a network that somebody else uses by now stays at down', async () => {
  const project = projectOf('services: {web: {}}');
  const { engine } = await up(project);
  const observed = await engine.observe(observeQuery(project));
  const { plan } = planDown(project, observed, { services: [], removeOrphans: false, volumes: false });
  await engine.createContainer({
    name: 'guest',
    project: 'other',
    serviceName: 'guest',
    number: 1,
    oneOff: false,
    image: 'img',
    service: { command: null, entrypoint: null },
    endpoints: [{ network: 'p_default', aliases: [] }],
    mounts: [],
    files: [],
    labels: {},
  });
  const events: Event[] = [];
  const { outcome } = await execute({ plan, project, observed, engine, emit: (event) => events.push(event) });
  assert.is(outcome, 'done');
  assert.equal(
    events.flatMap((event) => (event.type === 'action-skipped' ? [[event.diagnostic.code, event.diagnostic.severity]] : [])),
    [['engine.network-in-use', 'warning']],
  );
});

test('an error of ours is not taken for one of the user', async () => {
  const bug = new TypeError('bug');
  const error = await up('services: {web: {}}', { fail: ({ name }) => (name === 'startContainer' ? bug : undefined) }).catch(
    (reason: unknown) => reason,
  );
  assert.is(error, bug);
});

test.run();
