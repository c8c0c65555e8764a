import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Project, Service } from '#core/model/project.ts';
import type { Plan } from '#core/plan/plan.ts';
import { planText } from '#core/plan/text.ts';
import { projectOf, worldOf } from './stack.ts';

const seeds = 500;
const completed = new Set<number>();

/**
 * Random projects, changed at random: whatever can be planned without an error runs, leaves nothing to do, and does so too when it is
 * interrupted on the way.
 */
for (let seed = 1; seed <= seeds; seed++) {
  test(`random project ${seed}`, async () => {
    const random = generator(seed);
    const [before, after] = [randomProject(random), randomProject(random)];
    const options = { removeOrphans: true, recreateVolumes: true };
    const world = worldOf();
    await using _engine = world.engine;
    const first = await world.plan(before, options);
    if (first.diagnostics.some((one) => one.severity === 'error')) return;
    assert.is((await world.run(first, before)).outcome, 'done');
    assert.is(planText((await world.plan(before, options)).plan), '');

    const planned = await world.plan(after, options);
    if (planned.diagnostics.some((one) => one.severity === 'error')) return;
    assert.ok(isOrdered(planned.plan), planText(planned.plan));
    const part = planned.plan.actions.slice(0, Math.floor(random() * planned.plan.actions.length));
    assert.is((await world.run({ plan: { ...planned.plan, actions: part } }, after)).outcome, 'done', planText(planned.plan));
    const rest = await world.plan(after, options);
    assert.equal(
      rest.diagnostics.filter((one) => one.severity === 'error'),
      [],
    );
    const execution = await world.run(rest, after);
    assert.equal(execution.diagnostics, [], `${planText(planned.plan)}\nafter ${part.length}:\n${planText(rest.plan)}`);
    assert.is(planText((await world.plan(after, options)).plan), '', planText(rest.plan));
    completed.add(seed);
  });
}

test('a good part of the random projects is free of errors', () => {
  assert.ok(completed.size > seeds / 3, `${completed.size} of ${seeds}`);
});

/** Ids count from 1 in plan order, and every action comes after those that it waits for. */
function isOrdered(plan: Plan): boolean {
  return plan.actions.every((action, index) => action.id === index + 1 && action.after.every((id) => id < action.id));
}

function randomProject(random: () => number): Project {
  const chance = (probability: number) => random() < probability;
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const names = ['a', 'b', 'c', 'd', 'e'].filter(() => chance(0.8));
  const services = names.map((name, index): readonly [string, object] => {
    const earlier = names.slice(0, index);
    const donor = earlier.length > 0 && chance(0.25) ? pick(earlier) : undefined;
    const dependsOn = Object.fromEntries(earlier.filter(() => chance(0.4)).map((one) => [one, { restart: chance(0.5) }]));
    const scale = chance(0.2) ? 2 : 1;
    return [
      name,
      {
        command: chance(0.3) ? ['x'] : null,
        ...(donor === undefined
          ? { networks: ['n1', 'n2', 'n3'].filter(() => chance(0.5)) }
          : { network_mode: `service:${donor}` }),
        depends_on: { ...dependsOn, ...(donor === undefined ? {} : { [donor]: { restart: true } }) },
        volumes: [...(chance(0.3) ? ['v1:/v1'] : []), ...(chance(0.3) ? ['/anon'] : [])],
        ...(scale > 1 ? { scale } : chance(0.2) ? { container_name: pick(['front', 'back']) } : {}),
        ...(scale === 1 && chance(0.3) ? { ports: [`${pick([8080, 8081])}:80`] } : {}),
      } satisfies Partial<Record<keyof Service, unknown>>,
    ];
  });
  return projectOf(
    JSON.stringify({
      services: Object.fromEntries(services),
      networks: {
        n1: { internal: chance(0.3) },
        n2: { name: chance(0.3) ? 'renamed' : 'p_n2' },
        n3: { attachable: chance(0.3) },
      },
      volumes: { v1: { labels: chance(0.3) ? { a: 'b' } : {} } },
    }),
  );
}

function generator(seed: number): () => number {
  let state = (seed * 2654435761) % 2 ** 32;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

test.run();
