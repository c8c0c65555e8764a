import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageSummary } from '#core/engine/specs.ts';
import { withHookService } from '#core/model/hook-service.ts';
import type { Observed, ObservedContainer } from '#core/observe/observed.ts';
import { planDown } from '#core/plan/down.ts';
import { planUp } from '#core/plan/up.ts';
import { plainUp, projectOf } from './stack.ts';

const image = { id: 'sha256:1', digest: 'sha256:2', references: [], config: {}, layers: [] } as unknown as ImageSummary;
const nothing: Observed = {
  project: 'p',
  containers: [],
  networks: [],
  volumes: [],
  images: { i: { ...image }, tool: { ...image } },
  heldPorts: [],
  fileDigests: {},
};

const container: ObservedContainer = {
  id: '',
  name: '',
  project: 'p',
  service: '',
  number: 0,
  oneOff: false,
  state: 'exited',
  desired: 'stopped',
  exitCode: 4,
  oomKilled: false,
  restartCount: 0,
  image: 'i',
  imageId: '',
  imageDigest: '',
  labels: {},
  endpoints: [],
  mounts: [],
  ports: [],
  argv: [],
  createdAt: '',
};

const project = projectOf(`services:
  db: {image: i}
  web:
    image: i
    scale: 2
    ports: ["80:80"]
    networks: {default: {ipv4_address: 10.9.8.7, aliases: [w]}}
    environment: {OWN: "1", BOTH: service}
    depends_on: {db: {condition: service_started, required: true}}
    pre_start:
      - {command: [migrate], image: tool, environment: {BOTH: hook}}
      - {command: [seed]}`);

test('hooks run one after another between dependencies and the first replica, once for all', () => {
  const { plan } = planUp(project, nothing, plainUp);
  const order = plan.actions.map((one) => ('name' in one ? `${one.kind} ${one.name}` : one.kind));
  const at = (text: string) => order.indexOf(text);
  const steps = [
    'container.create p-web-1',
    'container.create p-web-pre_start-0',
    'container.start p-web-pre_start-0',
    'container.await p-web-pre_start-0',
    'container.remove p-web-pre_start-0',
    'container.create p-web-pre_start-1',
    'container.remove p-web-pre_start-1',
    'container.start p-web-2',
  ];
  assert.equal(
    steps.map(at).toSorted((a, b) => a - b),
    steps.map(at),
    order.join('\n'),
  );
  assert.ok(!steps.map(at).includes(-1), order.join('\n'));
  const start = plan.actions.find((one) => one.kind === 'container.start' && one.name === 'p-web-1');
  const last = plan.actions.find((one) => one.kind === 'container.remove' && one.name === 'p-web-pre_start-1');
  assert.ok(start?.after.includes(last?.id ?? 0));
});

test('what a failed hook left goes at the next up, before its successor, and at down', () => {
  const leftover = { ...container, name: 'p-web-pre_start-0', id: 'left', service: 'web', oneOff: true };
  const { plan } = planUp(project, { ...nothing, containers: [leftover] }, plainUp);
  const removed = plan.actions.find((one) => one.kind === 'container.remove' && one.container === 'left');
  const made = plan.actions.find((one) => one.kind === 'container.create' && one.name === 'p-web-pre_start-0');
  assert.ok(made?.after.includes(removed?.id ?? 0));
  const down = planDown(project, { ...nothing, containers: [leftover] }, { services: [], removeOrphans: false, volumes: false });
  assert.equal(
    down.plan.actions.map((one) => one.kind),
    ['container.remove'],
  );
});

test('the container of a hook has what the replicas share and nothing that only one can have', () => {
  const service = withHookService(project, 'web', 0).services['web'];
  assert.equal([service?.image, service?.command, service?.entrypoint], ['tool', ['migrate'], null]);
  assert.equal(service?.environment, { OWN: '1', BOTH: 'hook' });
  assert.equal(service?.networks, { default: { aliases: ['w'] } });
  assert.is(service?.ports, undefined);
  assert.equal(service?.volumes_from, ['web']);
});

test('a hook for each replica is refused', () => {
  const one = projectOf('services: {web: {image: i, pre_start: [{command: [x], per_replica: true}]}}');
  assert.equal(
    planUp(one, nothing, plainUp).diagnostics.map(({ code }) => code),
    ['plan.per-replica-hook'],
  );
});

test.run();
