import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ContainerSpec } from '#core/engine/specs.ts';
import { type ContainerRequest, containerSpec } from '#core/execute/container-spec.ts';
import { networkSpec, volumeSpec } from '#core/execute/resource-spec.ts';
import { version } from '#core/execute/version.ts';
import { Secret } from '#core/model/project.ts';
import type { Observed } from '#core/observe/observed.ts';
import { projectOf, worldOf } from '../plan/stack.ts';

const observed: Observed = {
  project: 'p',
  containers: [],
  networks: [],
  volumes: [],
  images: {},
  heldPorts: [],
  fileDigests: {},
};

function specOf(file: string | ReturnType<typeof projectOf>, more: Partial<ContainerRequest> = {}): ContainerSpec {
  return containerSpec({
    project: typeof file === 'string' ? projectOf(file) : file,
    observed,
    images: {},
    service: 'web',
    number: 1,
    name: 'p-web-1',
    ...more,
  });
}

test('labels are those of Docker Compose and ours, the user cannot replace them', () => {
  const project = {
    ...projectOf(
      'services: {web: {labels: {a: b, com.docker.compose.project: mine}, depends_on: {db: {condition: service_healthy, restart: true}}}, db: {}}',
    ),
    envFiles: ['/w/.env.prod'],
  };
  const { labels } = specOf(project, { configHash: () => 'abc' });
  const { 'io.tscompose.hash': hash, 'io.tscompose.definition': definition, ...rest } = labels;
  assert.equal(rest, {
    a: 'b',
    'com.docker.compose.project': 'p',
    'com.docker.compose.service': 'web',
    'com.docker.compose.version': version,
    'com.docker.compose.project.working_dir': '/w',
    'com.docker.compose.project.config_files': '/w/compose.yaml',
    'com.docker.compose.project.environment_file': '/w/.env.prod',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.container-number': '1',
    'com.docker.compose.config-hash': 'abc',
    'com.docker.compose.depends_on': 'db:service_healthy:true',
  });
  assert.match(hash ?? '', /^1-[0-9a-f]{64}$/);
  assert.equal(JSON.parse(definition ?? '').service.image, 'img');
  assert.match(version, /^\d+\.\d+\.\d+$/);
});

test('the image label is the digest of the local image', () => {
  const image = worldOf().engine.setImage('img', 'one');
  assert.is(specOf('services: {web: {}}', { images: { img: image } }).labels['com.docker.compose.image'], image.digest);
});

test('a one-off has no number and only its own name', () => {
  const spec = specOf('services: {web: {networks: {default: {aliases: [www]}}}}', {
    number: 0,
    name: 'p-web-run-1',
    oneOff: { useAliases: false },
  });
  assert.equal(
    [spec.oneOff, spec.labels['com.docker.compose.oneoff'], spec.labels['com.docker.compose.container-number']],
    [true, 'True', undefined],
  );
  assert.equal(spec.endpoints, [{ network: 'p_default', aliases: ['p-web-run-1'] }]);
});

test('endpoints: by priority, then name; aliases under the final name', () => {
  const spec = specOf(
    `services: {web: {mac_address: "02:00:00:00:00:01", networks: {b: ~, a: {aliases: [www]}, c: {priority: 5, ipv4_address: 10.0.0.9, gw_priority: 1}}}, other: {links: ["web:site"]}}
networks: {a: {}, b: {}, c: {}}`,
    { name: '0123456789ab_p-web-1' },
  );
  assert.equal(spec.name, '0123456789ab_p-web-1');
  assert.equal(spec.endpoints, [
    {
      network: 'p_c',
      aliases: ['p-web-1', 'web', 'site'],
      ipv4Address: '10.0.0.9',
      macAddress: '02:00:00:00:00:01',
      gatewayPriority: 1,
    },
    { network: 'p_a', aliases: ['p-web-1', 'web', 'www', 'site'] },
    { network: 'p_b', aliases: ['p-web-1', 'web', 'site'] },
  ]);
});

test('a network mode leaves no endpoints', () => {
  assert.equal(specOf('services: {web: {network_mode: host}}').endpoints, []);
});

test('namespaces of other services become container ids', () => {
  const file = 'services: {web: {network_mode: "service:a", ipc: "service:b", pid: "service:a"}, a: {}, b: {}}';
  const spec = specOf(file, { donorIds: { a: 'id-a', b: 'id-b' } });
  assert.equal([spec.networkContainer, spec.ipcContainer, spec.pidContainer], ['id-a', 'id-b', 'id-a']);
  assert.equal(JSON.parse(spec.labels['io.tscompose.donors'] ?? ''), { a: 'id-a', b: 'id-b' });
  assert.throws(() => specOf(file, { donorIds: { a: 'id-a' } }), /needs a container of "b"/);
});

test('mounts', () => {
  const { mounts } = specOf(`services:
  web:
    volumes:
      - data:/d
      - /anon
      - /host:/h
      - {type: bind, source: /must, target: /m, read_only: true, bind: {create_host_path: false, propagation: rslave}}
      - {type: bind, source: /no-block, target: /n}
      - {type: tmpfs, target: /t, tmpfs: {size: "1048576", mode: 448}}
      - {type: image, source: tools, target: /i, image: {subpath: bin}}
volumes: {data: {name: shared}}`);
  assert.equal(mounts, [
    { type: 'volume', volume: 'shared', target: '/d', readOnly: false, noCopy: false },
    { type: 'volume', target: '/anon', readOnly: false, noCopy: false },
    { type: 'bind', source: '/host', target: '/h', readOnly: false, createHostPath: true },
    { type: 'bind', source: '/must', target: '/m', readOnly: true, createHostPath: false, propagation: 'rslave' },
    { type: 'bind', source: '/no-block', target: '/n', readOnly: false, createHostPath: false },
    { type: 'tmpfs', target: '/t', readOnly: false, sizeBytes: 1048576, mode: 448 },
    { type: 'image', image: 'tools', target: '/i', subpath: 'bin' },
  ]);
});

test('anonymous volumes of a container that is gone come back where the new one has a place for them', () => {
  const image = { ...worldOf().engine.setImage('img', 'one'), config: { Volumes: { '/declared': {} } } };
  const inheritedVolumes = new Map([
    ['/anon', 'v1'],
    ['/declared', 'v2'],
    ['/gone', 'v3'],
  ]);
  const { mounts, inheritVolumesFrom } = specOf('services: {web: {volumes: [/anon]}}', {
    images: { img: image },
    inheritedVolumes,
  });
  assert.equal(mounts, [
    { type: 'volume', volume: 'v1', target: '/anon', readOnly: false, noCopy: false },
    { type: 'volume', volume: 'v2', target: '/declared', readOnly: false, noCopy: false },
  ]);
  assert.is(inheritVolumesFrom, undefined);
});

test('configs and secrets become files', () => {
  const project =
    projectOf(`services: {web: {configs: [{source: c}, {source: c, target: /etc/c, mode: "0640", uid: "5", gid: "6"}], secrets: [{source: s}, {source: s, target: other}]}}
configs: {c: {file: /w/c}}
secrets: {s: {}}`);
  const content = new Secret('hidden');
  const { files, labels } = specOf({ ...project, secrets: { s: { content } } });
  assert.equal(
    files.map(({ source: _, ...file }) => file),
    [
      { target: '/c', uid: 0, gid: 0, mode: 0o444, secret: false },
      { target: '/etc/c', uid: 5, gid: 6, mode: 0o640, secret: false },
      { target: '/run/secrets/s', uid: 0, gid: 0, mode: 0o444, secret: true },
      { target: '/run/secrets/other', uid: 0, gid: 0, mode: 0o444, secret: true },
    ],
  );
  assert.equal(files[0]?.source, { path: '/w/c' });
  const source = files[2]?.source;
  assert.is(source !== undefined && 'content' in source && source.content, content);
  assert.not.match(JSON.stringify(labels), /hidden/);
});

test('volumes_from: declared mounts, anonymous ones of the running container, read-only where written', async () => {
  const file = projectOf('services: {web: {volumes_from: ["db:ro"]}, db: {volumes: ["data:/d", /anon]}}\nvolumes: {data: {}}');
  const world = worldOf();
  await using _engine = world.engine;
  await world.up(file);
  const { containers } = await world.observe(file);
  const [db, web] = containers;
  const anonymous = db?.mounts.find((mount) => mount.anonymous)?.source;
  assert.equal(
    web?.mounts.map(({ target, source }) => [target, source]),
    [
      ['/d', 'p_data'],
      ['/anon', anonymous],
    ],
  );
});

test('network and volume specs', () => {
  const project = projectOf(`services: {web: {networks: [n]}}
networks: {n: {driver: bridge, internal: true, enable_ipv6: true, driver_opts: {a: b}, labels: {l: m}, ipam: {config: [{subnet: 10.9.0.0/24, gateway: 10.9.0.1, ip_range: 10.9.0.128/25, aux_addresses: {x: 10.9.0.5}}]}}}
volumes: {v: {driver_opts: {type: tmpfs}}}`);
  const { labels, ...network } = networkSpec(project, 'n', () => 'net-hash');
  assert.equal(network, {
    name: 'p_n',
    project: 'p',
    driver: 'bridge',
    driverOpts: { a: 'b' },
    internal: true,
    attachable: false,
    enableIpv4: true,
    enableIpv6: true,
    pools: [{ subnet: '10.9.0.0/24', gateway: '10.9.0.1', ipRange: '10.9.0.128/25', auxAddresses: { x: '10.9.0.5' } }],
  });
  assert.equal(
    [labels['l'], labels['com.docker.compose.network'], labels['com.docker.compose.config-hash']],
    ['m', 'n', 'net-hash'],
  );
  const volume = volumeSpec(project, 'v');
  assert.equal(
    [volume.name, volume.driver, volume.driverOpts, volume.labels['com.docker.compose.volume']],
    ['p_v', 'local', { type: 'tmpfs' }, 'v'],
  );
});

test.run();
