import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failure, model } from './project-fixture.ts';

/** Service `a` of two files given as service bodies in flow form. */
async function merged(base: string, over: string) {
  const files = {
    'compose.yaml': `services: {a: {image: i, ${base}}}\nnetworks: {n: , m: }\nsecrets: {foo: {file: f}, bar: {file: f}, zot: {file: f}}`,
    'compose.override.yaml': `services: {a: {${over}}}`,
  };
  const { services } = await model(files, { profiles: ['*'] });
  return services.a;
}

function mergeFailure(base: string, over: string): Promise<string> {
  return failure({
    'compose.yaml': `services: {a: {image: i, ${base}}}`,
    'compose.override.yaml': `services: {a: {${over}}}`,
  });
}

const cases: readonly [what: string, base: string, over: string, attribute: string, expected: unknown][] = [
  ['a scalar is replaced', 'hostname: x', 'hostname: y', 'hostname', 'y'],
  ['null keeps a scalar', 'hostname: x', 'hostname: null', 'hostname', 'x'],
  ['null clears a command', 'command: x', 'command: null', 'command', null],
  ['an entrypoint is replaced whole', 'entrypoint: [a, b]', 'entrypoint: [c]', 'entrypoint', ['c']],
  ['null keeps labels', 'labels: {a: b}', 'labels: null', 'labels', { a: 'b' }],
  [
    'environments merge by name',
    'environment: {FOO: 1, B: x}',
    'environment: [FOO=3, C]',
    'environment',
    { B: 'x', C: null, FOO: '3' },
  ],
  ['a bare name takes the place of a value', 'environment: [QIX=]', 'environment: [QIX]', 'environment', { QIX: null }],
  ['capabilities are a set', 'cap_add: [A, B]', 'cap_add: [B, C]', 'cap_add', ['A', 'B', 'C']],
  [
    'a device is known by its place in the container',
    'devices: [/dev/a:/dev/x]',
    'devices: [/dev/b:/dev/x]',
    'devices',
    [{ source: '/dev/b', target: '/dev/x', permissions: 'rwm' }],
  ],
  ['name servers are a set', 'dns: [1.1.1.1, 8.8.8.8]', 'dns: 1.1.1.1', 'dns', ['1.1.1.1', '8.8.8.8']],
  [
    'hosts keep several addresses',
    'extra_hosts: ["h:1.1.1.1"]',
    'extra_hosts: {h: [2.2.2.2]}',
    'extra_hosts',
    ['h=1.1.1.1', 'h=2.2.2.2'],
  ],
  ['equal hosts are one', 'extra_hosts: ["h=1.1.1.1"]', 'extra_hosts: ["h=1.1.1.1"]', 'extra_hosts', ['h=1.1.1.1']],
  [
    'log options merge under one driver',
    'logging: {driver: d, options: {a: 1, b: 2}}',
    'logging: {driver: d, options: {b: 3}}',
    'logging',
    { driver: 'd', options: { a: '1', b: '3' } },
  ],
  [
    'another log driver replaces the options',
    'logging: {driver: d, options: {a: 1}}',
    'logging: {driver: e}',
    'logging',
    { driver: 'e' },
  ],
  [
    'log options merge when one side has no driver',
    'logging: {options: {a: 1}}',
    'logging: {driver: e}',
    'logging',
    { driver: 'e', options: { a: '1' } },
  ],
  ['a text may replace a number', 'mem_limit: 1024', 'mem_limit: 1k', 'mem_limit', '1024'],
  [
    'network aliases are appended',
    'networks: {n: {aliases: [a, b]}}',
    'networks: {n: {aliases: [b, c]}}',
    'networks',
    { n: { aliases: ['a', 'b', 'c'] } },
  ],
  [
    'a list of networks keeps what a mapping says',
    'networks: [n]',
    'networks: {n: {aliases: [x]}, m: }',
    'networks',
    { m: null, n: { aliases: ['x'] } },
  ],
  ['profiles are a set', 'profiles: [p]', 'profiles: [p, q]', 'profiles', ['p', 'q']],
  ['memory file systems are a set', 'tmpfs: /x', 'tmpfs: [/y, /x]', 'tmpfs', ['/x', '/y']],
  ['a limit is replaced whole', 'ulimits: {nofile: {soft: 1, hard: 2}}', 'ulimits: {nofile: 5}', 'ulimits', { nofile: 5 }],
  [
    'a build text gives the context only',
    'build: {context: a, target: t}',
    'build: other',
    'build',
    { context: '@/other', dockerfile: 'Dockerfile', target: 't' },
  ],
  [
    'a build mapping keeps the context of a text',
    'build: a',
    'build: {args: [X=1]}',
    'build',
    { context: '@/a', dockerfile: 'Dockerfile', args: { X: '1' } },
  ],
  [
    'tags are known by what stands before "="',
    'build: {tags: [a, b]}',
    'build: {tags: [b]}',
    'build',
    { context: '@', dockerfile: 'Dockerfile', tags: ['a', 'b'] },
  ],
  ['links are known by what stands before "="', 'links: []', 'links: []', 'links', undefined],
  ['exposed ports are a set of texts', 'expose: [80]', 'expose: ["80", 81]', 'expose', ['80', '81']],
  [
    'ports are known by address, port and protocol',
    'ports: ["6060:6060/udp"]',
    'ports: ["9080:6060/udp", "6060:6060/udp"]',
    'ports',
    [
      { mode: 'ingress', target: 6060, published: '6060', protocol: 'udp' },
      { mode: 'ingress', target: 6060, published: '9080', protocol: 'udp' },
    ],
  ],
  [
    'a health test is replaced, the rest merges',
    'healthcheck: {test: [CMD, a], interval: 1s}',
    'healthcheck: {test: b}',
    'healthcheck',
    { test: ['CMD-SHELL', 'b'], interval: '1s' },
  ],
  ['a scalar under a mapping is replaced by it', 'x-a: {c: 2}', 'x-a: {c: {d: 1}}', 'x-a', { c: { d: 1 } }],
];

for (const [what, base, over, attribute, expected] of cases) {
  test(what, async () => assert.equal((await merged(base, over))[attribute], expected));
}

test('a secret is known by its place in the container', async () => {
  const { secrets } = await merged('secrets: [foo, bar, zot]', 'secrets: [{source: zot, target: /run/secrets/foo}]');
  assert.equal(
    secrets.map((secret: { source: string; target: string }) => `${secret.source} ${secret.target}`),
    ['zot /run/secrets/foo', 'bar /run/secrets/bar', 'zot /run/secrets/zot'],
  );
});

test('dependencies in list form reset condition and required, not restart', async () => {
  const { services } = await model({
    'compose.yaml': 'services: {a: {image: i, depends_on: {q: {condition: service_healthy, restart: true}}}, q: {image: i}}',
    'compose.override.yaml': 'services: {a: {depends_on: [q]}}',
  });
  assert.equal(services.a.depends_on, { q: { condition: 'service_started', restart: true, required: true } });
});

test('an override of a dependency may leave its condition out', async () => {
  const { services } = await model({
    'compose.yaml': 'services: {a: {image: i, depends_on: {q: {condition: service_healthy}}}, q: {image: i}}',
    'compose.override.yaml': 'services: {a: {depends_on: {q: {required: false}}}}',
  });
  assert.equal(services.a.depends_on, { q: { condition: 'service_healthy', required: false } });
});

test('address pools merge by subnet', async () => {
  const { networks } = await model({
    'compose.yaml':
      'services: {a: {image: i, networks: [n]}}\nnetworks: {n: {labels: {a: 1}, ipam: {config: [{subnet: 10.0.0.0/24, aux_addresses: {x: 10.0.0.2}}]}}}',
    'compose.override.yaml':
      'networks: {n: {labels: [b=2], ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1, aux_addresses: {y: 10.0.0.3}}, {subnet: 10.1.0.0/24}]}}}',
  });
  assert.equal(networks.n.ipam.config, [
    { subnet: '10.0.0.0/24', gateway: '10.0.0.1', aux_addresses: { x: '10.0.0.2', y: '10.0.0.3' } },
    { subnet: '10.1.0.0/24' },
  ]);
  assert.equal(networks.n.labels, { a: '1', b: '2' });
});

test('lists without a rule are appended, and must then still be sets', async () => {
  for (const attribute of ['security_opt', 'group_add', 'device_cgroup_rules', 'external_links']) {
    assert.is(
      await mergeFailure(`${attribute}: [x]`, `${attribute}: [x]`),
      `load.schema services.a.${attribute} has equal items at 0 and 1`,
    );
  }
});

test('an equal label of a volume in two files is refused, of a network not', async () => {
  const files = (section: string) => ({
    'compose.yaml': `services: {a: {image: i}}\n${section}: {n: {labels: {a: b}}}`,
    'compose.override.yaml': `${section}: {n: {labels: {a: b}}}`,
  });
  assert.match(await failure(files('volumes')), /has equal items at 0 and 1/);
  await model(files('networks'));
});

test('different forms cannot be merged', async () => {
  assert.match(await mergeFailure('x-a: {c: {d: 1}}', 'x-a: {c: 2}'), /^load.cannot-override cannot override services.a.x-a.c/);
  assert.match(
    await mergeFailure('deploy: {placement: {constraints: [a]}}', 'deploy: {placement: {constraints: a}}'),
    /^load.cannot-override/,
  );
});

test('each file must be valid with those before it', async () => {
  const text = await failure({
    'compose.yaml': 'services: {a: {imagee: i}}',
    'compose.override.yaml': 'services: {a: {imagee: !reset null, image: i}}',
  });
  assert.is(text, 'load.schema services.a has the unknown attribute "imagee"');
});

test('reset and override tags act on what lies below', async () => {
  const { services, networks } = await model({
    'compose.yaml':
      'services: {a: {image: i, build: ., environment: {FOO: 1, B: 2}, ports: [80, 81], networks: [n, t]}}\nnetworks: {n: {external: true}, t: {}}',
    'compose.override.yaml':
      'services: {a: {build: !reset , environment: {FOO: !reset }, ports: !override [90], networks: !override [n]}}\nnetworks: {n: !override {}, t: !reset {}}',
  });
  assert.not('build' in services.a);
  assert.equal(services.a.environment, { B: '2' });
  assert.equal(
    services.a.ports.map((port: { target: number }) => port.target),
    [90],
  );
  assert.equal(networks, { n: { name: 'project_n', ipam: {} } });
});

test('tags work through anchors wherever they are used', async () => {
  const { services } = await model({
    'compose.yaml': 'services: {a: {image: i, ports: [80], init: true}, b: {image: i, ports: [81], init: true}}',
    'compose.override.yaml': 'x-r: &r !reset []\nx-m: &m {init: !reset true}\nservices: {a: {ports: *r, <<: *m}, b: {<<: *m}}',
  });
  assert.not('ports' in services.a);
  assert.not('init' in services.a);
  assert.not('init' in services.b);
  assert.is(services.b.ports[0].target, 81);
});

test('a tagged list item is only dropped from its own file', async () => {
  const { services } = await model({
    'compose.yaml': 'services: {a: {image: i, cap_add: [A]}}',
    'compose.override.yaml': 'services: {a: {cap_add: [!reset A, B]}}',
  });
  assert.equal(services.a.cap_add, ['A', 'B']);
});

test('three files: the middle overrides, the last adds', async () => {
  const { services } = await model(
    {
      '1.yaml': 'services: {a: {image: i, volumes: ["/one:/one"]}}',
      '2.yaml': 'services: {a: {volumes: !override ["/two:/two"]}}',
      '3.yaml': 'services: {a: {volumes: ["/three:/three"]}}',
    },
    { files: ['1.yaml', '2.yaml', '3.yaml'] },
  );
  assert.equal(
    services.a.volumes.map((mount: { target: string }) => mount.target),
    ['/two', '/three'],
  );
});

test.run();
