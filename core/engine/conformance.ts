import { Writable } from 'node:stream';
import * as assert from 'uvu/assert';
import { hasCode } from '../diagnostics/error.ts';
import type { Service } from '../model/project.ts';
import type { Observed, ObservedContainer, ObserveQuery } from '../observe/observed.ts';
import { sessionConformance } from './conformance-sessions.ts';
import { storeConformance } from './conformance-store.ts';
import type { Engine } from './engine.ts';
import type { ContainerSpec, NetworkSpec, VolumeSpec } from './specs.ts';

/** What an engine under test brings: a local image and services that behave as their names say. */
export interface ConformanceFixtures {
  /** Reference of a local image. */
  readonly image: string;
  /** Runs until stopped and obeys SIGTERM at once. */
  readonly sleeping: Service;
  /** Ends by itself soon, with status 3. */
  readonly exiting: Service;
  /** Like `sleeping`, with a health check that soon passes. */
  readonly healthy: Service;
  /** Like `sleeping`, with a health check that soon has failed often enough. */
  readonly unhealthy: Service;
  /** Cannot be started: its command does not exist. */
  readonly unstartable: Service;
  /** Argv that prints `hello` and a line feed, and ends with status 0. */
  readonly hello: readonly string[];
  /** Argv that ends with status 7. */
  readonly failing: readonly string[];
}

type Test = (name: string, run: () => Promise<void>) => void;

/**
 * What every engine does alike, as tests: what one engine does and this does not say is not part of the interface. `makeEngine`
 * gives a new, empty engine each time; it is disposed of at the end of each test, with all that it runs.
 */
export function engineConformance(test: Test, makeEngine: () => Promise<Engine>, fixtures: ConformanceFixtures): void {
  const conforms = (name: string, run: (engine: Engine) => Promise<void>) =>
    test(`engine: ${name}`, async () => {
      await using engine = await makeEngine();
      try {
        await run(engine);
      } finally {
        await removeEverything(engine);
      }
    });

  conforms('an unknown project is empty', async (engine) => {
    const { containers, networks, volumes, images, fileDigests } = await engine.observe(
      query({ images: ['none:such'], files: ['/no/such/file'] }),
    );
    assert.equal({ containers, networks, volumes, images }, { containers: [], networks: [], volumes: [], images: {} });
    assert.equal(fileDigests, { '/no/such/file': null });
  });

  conforms('knows its image under the reference as asked', async (engine) => {
    const { images } = await engine.observe(query({ images: [fixtures.image] }));
    assert.match(images[fixtures.image]?.id ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.is((await engine.inspectImage(fixtures.image))?.id, images[fixtures.image]?.id);
  });

  conforms('a created container shows as it was asked for, without a process', async (engine) => {
    await engine.createNetwork(network);
    const { id } = await engine.createContainer(
      spec('web-1', fixtures.sleeping, { labels: { a: 'b' }, endpoints: [{ network: network.name, aliases: ['web'] }] }),
    );
    assert.match(id, /^[0-9a-f]{64}$/);
    const container = await only(engine);
    assert.equal(
      {
        id: container.id,
        name: container.name,
        service: container.service,
        number: container.number,
        state: container.state,
        label: container.labels.a,
      },
      { id, name: 'conformance-web-1', service: 'web', number: 1, state: 'created', label: 'b' },
    );
    assert.is(container.imageId, (await engine.inspectImage(fixtures.image))?.id);
    assert.is(container.pid, undefined);
    assert.equal(
      container.endpoints.map((one) => one.network),
      [network.name],
    );
  });

  sessionConformance({ conforms, spec, only, rejectsWith }, fixtures);

  conforms('start, stop and remove', async (engine) => {
    const { id } = await engine.createContainer(spec('web-1', fixtures.sleeping));
    await engine.startContainer(id);
    await engine.startContainer(id);
    const running = await only(engine);
    assert.equal([running.state, running.desired, typeof running.pid], ['running', 'running', 'number']);
    await rejectsWith('engine.container-running', engine.removeContainer(id, {}));
    await engine.stopContainer(id, {});
    await engine.stopContainer(id, {});
    const stopped = await only(engine);
    assert.equal([stopped.state, stopped.desired], ['exited', 'stopped']);
    assert.type(stopped.exitCode, 'number');
    await engine.startContainer(id);
    assert.is((await only(engine)).state, 'running');
    await engine.stopContainer(id, { isResumable: true });
    const resumable = await only(engine);
    assert.equal([resumable.state, resumable.desired], ['exited', 'running']);
    await engine.removeContainer(id, {});
    await engine.removeContainer(id, {});
    assert.equal((await observe(engine)).containers, []);
  });

  conforms('an image is built, gets its names, and is told about', async (engine) => {
    const told: string[] = [];
    const request = {
      ...{
        name: 'built',
        context: '/',
        dockerfileText: `FROM ${fixtures.image}\nENV BUILT=yes`,
        args: {},
        labels: { a: 'b' },
        contexts: {},
      },
      ...{ noCache: false, noCacheFilter: [], pull: false, extraHosts: [], secrets: [], ssh: {}, entitlements: [] },
      references: ['conformance/built:1', 'conformance/built:2'],
    };
    const image = await engine.buildImage(request, (event) => void told.push(event.type));
    assert.is((await engine.inspectImage('conformance/built:2'))?.id, image.id);
    assert.is((await engine.buildImage(request, () => {})).id, image.id, 'the same build gives the same image');
    for (const reference of request.references) await engine.removeImage(reference, {});
    await engine.pruneBuildCache({});
    assert.equal(await engine.listBuildCache(), []);
  });

  storeConformance(conforms, { image: fixtures.image, container: spec('web-1', fixtures.sleeping), rejectsWith });

  conforms('names are unique', async (engine) => {
    const { id } = await engine.createContainer(spec('web-1', fixtures.sleeping));
    await rejectsWith('engine.name-taken', engine.createContainer(spec('web-1', fixtures.sleeping)));
    const other = await engine.createContainer(spec('web-2', fixtures.sleeping));
    await rejectsWith('engine.name-taken', engine.renameContainer(other.id, 'conformance-web-1'));
    await engine.renameContainer(id, 'conformance-renamed');
    await engine.renameContainer(other.id, 'conformance-web-1');
    assert.equal(
      (await observe(engine)).containers.map((one) => one.name),
      ['conformance-renamed', 'conformance-web-1'],
    );
    await engine.createNetwork(network);
    await rejectsWith('engine.name-taken', engine.createNetwork(network));
    await engine.createVolume(volume);
    await rejectsWith('engine.name-taken', engine.createVolume(volume));
  });

  conforms('what a container needs must exist', async (engine) => {
    await rejectsWith(
      'engine.image-not-found',
      engine.createContainer({ ...spec('web-1', fixtures.sleeping), image: 'none:such' }),
    );
    await rejectsWith(
      'engine.network-not-found',
      engine.createContainer(spec('web-1', fixtures.sleeping, { endpoints: [{ network: 'nowhere', aliases: [] }] })),
    );
    await rejectsWith(
      'engine.volume-not-found',
      engine.createContainer(spec('web-1', fixtures.sleeping, { mounts: [mountOf('nothing')] })),
    );
    assert.equal((await observe(engine)).containers, [], 'a refused container leaves nothing');
  });

  conforms('networks and volumes in use stay, unused and absent ones go', async (engine) => {
    await engine.createNetwork(network);
    await engine.createVolume(volume);
    const { id } = await engine.createContainer(
      spec('web-1', fixtures.sleeping, { endpoints: [{ network: network.name, aliases: [] }], mounts: [mountOf(volume.name)] }),
    );
    const seen = await observe(engine);
    assert.equal(
      seen.networks.map((one) => [one.name, one.project, one.labels, one.containers]),
      [[network.name, 'conformance', network.labels, [id]]],
    );
    assert.equal(
      seen.volumes.map((one) => [one.name, one.project, one.labels, one.anonymous, one.containers]),
      [[volume.name, 'conformance', volume.labels, false, [id]]],
    );
    assert.equal(seen.containers[0]?.mounts, [{ type: 'volume', source: volume.name, target: '/data', anonymous: false }]);
    await rejectsWith('engine.network-in-use', engine.removeNetwork(network.name));
    await rejectsWith('engine.volume-in-use', engine.removeVolume(volume.name));
    await engine.removeContainer(id, { volumes: true });
    assert.equal((await observe(engine)).volumes.length, 1, 'a named volume survives its containers');
    for (let time = 0; time < 2; time++) {
      await engine.removeNetwork(network.name);
      await engine.removeVolume(volume.name);
    }
    const { networks, volumes } = await observe(engine);
    assert.equal([networks, volumes], [[], []]);
  });

  conforms('anonymous volumes are made, handed over, and removed when asked', async (engine) => {
    const mounts = [{ type: 'volume' as const, target: '/data', readOnly: false, noCopy: false }];
    const old = await engine.createContainer(spec('web-1', fixtures.sleeping, { mounts }));
    const [mount] = (await only(engine)).mounts;
    assert.equal([mount?.type, mount?.target, mount?.anonymous], ['volume', '/data', true]);
    const next = await engine.createContainer(spec('web-2', fixtures.sleeping, { mounts, inheritVolumesFrom: old.id }));
    await engine.removeContainer(old.id, { volumes: true });
    assert.equal((await only(engine)).mounts, [mount], 'another container still has it');
    await engine.removeContainer(next.id, { volumes: false });
    assert.equal(
      (await observe(engine)).volumes.map((one) => [one.name, one.anonymous]),
      [[mount?.source, true]],
    );
    const third = await engine.createContainer(spec('web-3', fixtures.sleeping, { mounts: [mountOf(mount?.source ?? '')] }));
    assert.equal((await only(engine)).mounts, [mount], 'an anonymous volume stays anonymous when it is mounted by its name');
    await engine.removeContainer(third.id, { volumes: true });
    assert.equal((await observe(engine)).volumes, []);
  });

  conforms('a process that ends by itself', async (engine) => {
    const { id } = await engine.createContainer(spec('job-1', fixtures.exiting));
    await engine.startContainer(id);
    assert.equal(await engine.awaitContainer(id, 'exited'), { outcome: 'satisfied', exitCode: 3 });
    assert.equal(await engine.awaitContainer(id, 'running'), { outcome: 'exited', exitCode: 3 });
    const ended = await only(engine);
    assert.equal([ended.state, ended.exitCode, ended.desired], ['exited', 3, 'running']);
  });

  conforms('health', async (engine) => {
    const good = await engine.createContainer(spec('good-1', fixtures.healthy));
    await engine.startContainer(good.id);
    assert.equal(await engine.awaitContainer(good.id, 'healthy'), { outcome: 'satisfied' });
    const bad = await engine.createContainer(spec('bad-1', fixtures.unhealthy));
    await engine.startContainer(bad.id);
    assert.is((await engine.awaitContainer(bad.id, 'running_or_healthy')).outcome, 'unhealthy');
    const plain = await engine.createContainer(spec('plain-1', fixtures.sleeping));
    await engine.startContainer(plain.id);
    assert.equal(await engine.awaitContainer(plain.id, 'healthy'), { outcome: 'no-healthcheck' });
    assert.equal(await engine.awaitContainer(plain.id, 'running_or_healthy'), { outcome: 'satisfied' });
    const { containers } = await observe(engine);
    assert.equal(
      containers.map((one) => one.health),
      ['unhealthy', 'healthy', undefined],
    );
  });

  conforms('a wait ends when the container is removed, and when it is called off', async (engine) => {
    const { id } = await engine.createContainer(spec('web-1', fixtures.sleeping));
    const wait = engine.awaitContainer(id, 'running');
    await engine.removeContainer(id, {});
    assert.equal(await wait, { outcome: 'removed' });
    const other = await engine.createContainer(spec('web-2', fixtures.sleeping));
    const controller = new AbortController();
    const reason = new Error('called off');
    const called = engine.awaitContainer(other.id, 'running', controller.signal);
    controller.abort(reason);
    assert.is(await called.catch((error: unknown) => error), reason);
  });

  conforms('a failed start says so and leaves a container that can be removed', async (engine) => {
    const { id } = await engine.createContainer(spec('web-1', fixtures.unstartable));
    await rejectsWith('engine.start-failed', engine.startContainer(id));
    assert.is.not((await only(engine)).state, 'running');
    await engine.removeContainer(id, {});
  });

  conforms('pause, unpause and kill', async (engine) => {
    const { id } = await engine.createContainer(spec('web-1', fixtures.sleeping));
    await rejectsWith('engine.container-not-running', engine.pauseContainer(id));
    await engine.startContainer(id);
    await engine.pauseContainer(id);
    assert.is((await only(engine)).state, 'paused');
    await engine.unpauseContainer(id);
    assert.is((await only(engine)).state, 'running');
    await engine.killContainer(id, 'SIGKILL');
    assert.equal(await engine.awaitContainer(id, 'exited'), { outcome: 'satisfied', exitCode: 137 });
    await engine.startContainer(id);
    await engine.pauseContainer(id);
    await engine.stopContainer(id, { timeoutMs: 1000 });
    assert.is((await only(engine)).state, 'exited', 'a paused container can be stopped');
  });

  conforms('exec', async (engine) => {
    const { id } = await engine.createContainer(spec('web-1', fixtures.sleeping));
    await rejectsWith('engine.container-not-running', engine.exec(id, execOf(fixtures.hello), sinks()));
    await engine.startContainer(id);
    const streams = sinks();
    assert.equal(await engine.exec(id, execOf(fixtures.hello), streams), { exitCode: 0 });
    assert.is(streams.text(), 'hello\n');
    assert.equal(await engine.exec(id, execOf(fixtures.failing), sinks()), { exitCode: 7 });
  });

  conforms('changes are told while somebody watches', async (engine) => {
    const controller = new AbortController();
    const changes = engine.watch('conformance', controller.signal)[Symbol.asyncIterator]();
    const seen: string[] = [];
    const reading = (async () => {
      for (let next = await changes.next(); !next.done; next = await changes.next()) {
        seen.push(next.value.change);
        if (next.value.change === 'removed') return;
      }
    })();
    const { id } = await engine.createContainer(spec('web-1', fixtures.sleeping));
    await engine.startContainer(id);
    await engine.stopContainer(id, {});
    await engine.removeContainer(id, {});
    await reading;
    controller.abort();
    assert.equal(
      seen.filter((one) => one !== 'state'),
      ['created', 'started', 'died', 'removed'],
    );
  });

  conforms('one command at a time holds the lock of a project', async (engine) => {
    const first = await engine.lockProject('conformance', () => assert.unreachable('nobody holds it'));
    const order: string[] = [];
    const second = engine
      .lockProject('conformance', ({ pid }) => order.push(`waits for ${pid > 0 ? 'a pid' : pid}`))
      .then((lock) => {
        order.push('second');
        return lock;
      });
    const foreign = await engine.lockProject('other', () => assert.unreachable('projects do not wait for each other'));
    await foreign[Symbol.asyncDispose]();
    order.push('release');
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
    assert.equal(
      order.filter((one) => !one.startsWith('waits')),
      ['release', 'second'],
    );
    assert.is(order.filter((one) => one === 'waits for a pid').length, 1);
  });

  conforms('an aborted signal leaves nothing', async (engine) => {
    const reason = new Error('called off');
    const signal = AbortSignal.abort(reason);
    for (const call of [
      engine.createNetwork(network, signal),
      engine.createContainer(spec('web-1', fixtures.sleeping), signal),
    ]) {
      assert.is(await call.catch((error: unknown) => error), reason);
    }
    const { containers, networks } = await observe(engine);
    assert.equal([containers, networks], [[], []]);
  });

  function spec(name: string, service: Service, more: Partial<ContainerSpec> = {}): ContainerSpec {
    const [serviceName = name, number = '1'] = name.split('-');
    return {
      name: `conformance-${name}`,
      project: 'conformance',
      serviceName,
      number: Number(number),
      oneOff: false,
      image: fixtures.image,
      service: { ...service, ...(more.endpoints === undefined ? { network_mode: 'none' } : {}) },
      endpoints: [],
      mounts: [],
      files: [],
      labels: {},
      ...more,
    };
  }
}

const network: NetworkSpec = {
  name: 'conformance_default',
  project: 'conformance',
  driver: 'bridge',
  driverOpts: {},
  internal: false,
  attachable: false,
  enableIpv4: true,
  enableIpv6: false,
  pools: [],
  labels: { kind: 'net' },
};

const volume: VolumeSpec = {
  name: 'conformance_data',
  project: 'conformance',
  driver: 'local',
  driverOpts: {},
  labels: { kind: 'vol' },
};

function mountOf(name: string): ContainerSpec['mounts'][number] {
  return { type: 'volume', volume: name, target: '/data', readOnly: false, noCopy: false };
}

function query(more: Partial<ObserveQuery> = {}): ObserveQuery {
  return { project: 'conformance', images: [], networks: [], volumes: [], ports: [], files: [], ...more };
}

function observe(engine: Engine): Promise<Observed> {
  return engine.observe(query());
}

async function only(engine: Engine): Promise<ObservedContainer> {
  const [container, ...more] = (await observe(engine)).containers;
  assert.equal(more, []);
  if (container === undefined) throw new Error('there is no container');
  return container;
}

async function rejectsWith(code: string, call: Promise<unknown>): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!hasCode(error, code)) throw new Error(`expected a rejection with ${code}, got ${error}`, { cause: error });
}

function execOf(argv: readonly string[]): Parameters<Engine['exec']>[1] {
  return { argv, env: [], tty: false, privileged: false, detach: false };
}

function sinks(): { readonly stdout: Writable; readonly stderr: Writable; readonly text: () => string } {
  let text = '';
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
  return { stdout, stderr, text: () => text };
}

/** A failed test must not leave processes behind. */
async function removeEverything(engine: Engine): Promise<void> {
  const { containers, networks, volumes } = await observe(engine);
  for (const { id } of containers) {
    await engine.stopContainer(id, { timeoutMs: 0 });
    await engine.removeContainer(id, { volumes: true });
  }
  for (const { name } of networks) await engine.removeNetwork(name);
  for (const { name } of volumes) await engine.removeVolume(name);
}
