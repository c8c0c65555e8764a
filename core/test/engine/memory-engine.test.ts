import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { engineConformance } from '#core/engine/conformance.ts';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import type { Service } from '#core/model/project.ts';

const service: Service = { command: null, entrypoint: null, image: 'img' };
const checked: Service = { ...service, healthcheck: { test: ['CMD', 'true'] } };

engineConformance(
  test,
  async () =>
    memoryEngine({
      images: ['img'],
      behaviour: ({ serviceName, service }) => ({
        ...(serviceName === 'job' ? { exitCode: 3 } : {}),
        ...(serviceName === 'bad' ? { health: 'unhealthy' as const } : {}),
        ...(service.command?.[0] === '/no/such' ? { startError: 'not found' } : {}),
        exec: ({ argv }) => (argv[0] === 'hello' ? { stdout: 'hello\n' } : { exitCode: 7 }),
      }),
    }),
  {
    image: 'img',
    sleeping: service,
    exiting: service,
    healthy: checked,
    unhealthy: checked,
    unstartable: { ...service, command: ['/no/such'] },
    hello: ['hello'],
    failing: ['fail'],
  },
);

test('ids and times are the same in every run', async () => {
  const run = async () => {
    await using engine = memoryEngine({ images: ['img'] });
    await engine.createContainer({
      name: 'a',
      project: 'p',
      serviceName: 'a',
      number: 1,
      oneOff: false,
      image: 'img',
      service,
      endpoints: [],
      mounts: [],
      files: [],
      labels: {},
    });
    return engine.listContainers();
  };
  assert.equal(await run(), await run());
});

test('failures are injected by call', async () => {
  await using engine = memoryEngine({
    fail: ({ name, subject }) => (name === 'createVolume' && subject === 'b' ? new Error('full') : undefined),
  });
  const volume = { driver: 'local', driverOpts: {}, labels: {} };
  await engine.createVolume({ name: 'a', ...volume });
  assert.is(await engine.createVolume({ name: 'b', ...volume }).catch((error: Error) => error.message), 'full');
  assert.equal(engine.calls, [
    { name: 'createVolume', subject: 'a' },
    { name: 'createVolume', subject: 'b' },
  ]);
});

test('logs are followed until the container ends', async () => {
  await using engine = memoryEngine({ images: ['img'] });
  const { id } = await engine.createContainer({
    name: 'a',
    project: 'p',
    serviceName: 'a',
    number: 1,
    oneOff: false,
    image: 'img',
    service,
    endpoints: [],
    mounts: [],
    files: [],
    labels: {},
  });
  await engine.startContainer(id);
  engine.addLog(id, 'one');
  const texts: string[] = [];
  const reading = (async () => {
    for await (const { text } of engine.logs(id, { follow: true })) texts.push(text);
  })();
  await new Promise(setImmediate);
  engine.addLog(id, 'two');
  engine.exit(id, 0);
  await reading;
  assert.equal(texts, ['one', 'two']);
});

test.run();
