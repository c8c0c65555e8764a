import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { composeLabel } from '#core/model/labels.ts';
import { projectFromContainers } from '#core/observe/project-from-labels.ts';
import { planDown } from '#core/plan/down.ts';
import type { DownOptions } from '#core/plan/options.ts';
import { planned, projectOf, type World, worldOf } from './stack.ts';

const file =
  'services: {web: {scale: 2, depends_on: [api]}, api: {depends_on: [db]}, db: {volumes: ["data:/d"], pre_stop: [{command: [flush]}]}}\nvolumes: {data: {}}';

async function down(
  text: string,
  {
    before = text,
    change,
    fromLabels = false,
    ...options
  }: Partial<DownOptions> & { before?: string; change?: (world: World) => Promise<void>; fromLabels?: boolean } = {},
): Promise<string> {
  const world = worldOf();
  await using _engine = world.engine;
  await world.up(projectOf(before));
  await change?.(world);
  const observed = await world.observe(projectOf(text));
  const project = fromLabels ? projectFromContainers('p', observed) : projectOf(text);
  return planned(planDown(project, observed, { services: [], removeOrphans: false, volumes: false, ...options }));
}

function is(actual: string, expected: string): void {
  assert.is(actual.trimEnd(), expected.replaceAll(/^ {4}/gm, '').trim());
}

const whole = `
    [] -> #1 container p-web-1 stop, requested
    [] -> #2 container p-web-2 stop, requested
    [1,2] -> #3 container p-api-1 stop, requested
    [3] -> #4 container p-db-1 hook pre_stop[0], requested
    [4] -> #5 container p-db-1 stop, requested
    [1] -> #6 container p-web-1 remove, requested
    [2] -> #7 container p-web-2 remove, requested
    [3] -> #8 container p-api-1 remove, requested
    [5] -> #9 container p-db-1 remove, requested
    [6,7,8,9] -> #10 network p_default remove, requested
  `;

test('dependents first, networks last, volumes stay', async () => is(await down(file), whole));

test('without the file, from the labels, it is the same', async () => is(await down(file, { fromLabels: true }), whole));

test('volumes when asked, which destroys data', async () => {
  const text = await down('services: {db: {volumes: ["data:/d"]}}\nvolumes: {data: {}, ext: {name: ext, external: true}}', {
    before: 'services: {db: {volumes: ["data:/d"]}}\nvolumes: {data: {}}',
    volumes: true,
  });
  is(
    text,
    `
    [] -> #1 container p-db-1 stop, requested
    [1] -> #2 container p-db-1 remove with volumes, requested
    [2] -> #3 network p_default remove, requested
    [2] -> #4 volume p_data remove, requested, destroys data
  `,
  );
});

test('what does not run passes the order on', async () => {
  const text = await down('services: {web: {depends_on: [api]}, api: {depends_on: [db]}, db: {}}', {
    change: async ({ engine }) => engine.exit((await engine.listContainers()).find((one) => one.service === 'api')?.id ?? '', 1),
  });
  is(
    text,
    `
    [] -> #1 container p-web-1 stop, requested
    [1] -> #2 container p-db-1 stop, requested
    [1] -> #3 container p-web-1 remove, requested
    [] -> #4 container p-api-1 remove, requested
    [2] -> #5 container p-db-1 remove, requested
    [3,4,5] -> #6 network p_default remove, requested
  `,
  );
});

test('named services take their dependents along and leave the rest', async () => {
  is(
    await down('services: {web: {depends_on: [api]}, api: {}, other: {}}', { services: ['api'] }),
    `
    [] -> #1 container p-web-1 stop, requested
    [1] -> #2 container p-api-1 stop, requested
    [1] -> #3 container p-web-1 remove, requested
    [2] -> #4 container p-api-1 remove, requested
  `,
  );
});

test('orphans hold the network until they are removed too', async () => {
  const both = 'services: {web: {}, old: {}}';
  is(
    await down('services: {web: {}}', { before: both }),
    `
    [] -> #1 container p-web-1 stop, requested
    [1] -> #2 container p-web-1 remove, requested
    warning: plan.resource-kept: Network p_default: resource is still in use by "p-old-1"
  `,
  );
  is(
    await down('services: {web: {}}', { before: both, removeOrphans: true }),
    `
    [] -> #1 container p-web-1 stop, requested
    [1] -> #2 container p-web-1 remove, requested
    [] -> #3 container p-old-1 stop, orphan
    [3] -> #4 container p-old-1 remove, orphan
    [2,4] -> #5 network p_default remove, requested
  `,
  );
});

test('images when asked: all, or those without a name of their own', async () => {
  const text = 'services: {a: {}, b: {image: ~, build: {context: .}}}';
  const change = async ({ engine }: World) => void engine.setImage('p-b', 'built');
  const before = 'services: {a: {}}';
  const lines = async (images: 'all' | 'local') =>
    (await down(text, { before, change, images })).split('\n').filter((line) => line.includes('image '));
  assert.equal(await lines('all'), ['[2] -> #4 image img remove, requested', '[] -> #5 image p-b remove, requested']);
  assert.equal(await lines('local'), ['[] -> #4 image p-b remove, requested']);
});

test('nothing to remove is told', async () => {
  const world = worldOf();
  const project = projectOf('services: {web: {}}');
  const { plan, diagnostics } = planDown(project, await world.observe(project), {
    services: [],
    removeOrphans: false,
    volumes: false,
  });
  assert.equal(plan.actions, []);
  assert.equal(
    diagnostics.map((one) => [one.code, one.severity]),
    [['plan.nothing-to-remove', 'warning']],
  );
});

test('external networks stay', async () => {
  const world = worldOf();
  const out = {
    name: 'out',
    driver: 'bridge',
    driverOpts: {},
    internal: false,
    attachable: false,
    enableIpv4: true,
    enableIpv6: false,
    pools: [],
    labels: {},
  };
  await world.engine.createNetwork(out);
  const project = projectOf('services: {web: {networks: [out]}}\nnetworks: {out: {name: out, external: true}}');
  await world.up(project);
  const observed = await world.observe(project);
  const { plan } = planDown(project, observed, { services: [], removeOrphans: true, volumes: true });
  assert.equal(
    plan.actions.map((one) => one.kind),
    ['container.stop', 'container.remove'],
  );
});

test('labels tell the project', async () => {
  const world = worldOf();
  const project = projectOf(file);
  await world.up(project);
  const read = projectFromContainers('p', await world.observe(project));
  assert.equal(Object.keys(read.services), ['api', 'db', 'web']);
  assert.equal([read.workingDir, read.composeFiles, read.services['web']?.scale], ['/w', ['/w/compose.yaml'], 2]);
  assert.equal(read.services['web']?.depends_on, { api: { condition: 'service_started', required: true, restart: false } });
  assert.equal([read.networks['default']?.name, read.volumes['data']?.name], ['p_default', 'p_data']);
  assert.is(read.networks['default']?.labels?.[composeLabel.network], 'default');
});

test.run();
