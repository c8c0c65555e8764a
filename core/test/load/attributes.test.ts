import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shellWords } from '#core/load/shell-words.ts';
import { failure, model, projectFixture, serviceFailure, serviceOf } from './project-fixture.ts';

const commands: Readonly<Record<string, readonly string[] | undefined>> = {
  'bundle exec thin -p 3000': ['bundle', 'exec', 'thin', '-p', '3000'],
  '/bin/ash -c "rm -rf x"': ['/bin/ash', '-c', 'rm -rf x'],
  "a '' b": ['a', '', 'b'],
  'a\\ b c': ['a b', 'c'],
  "'a\\ b'": ['a\\ b'],
  '"a\\"b"': ['a"b'],
  'a\tb\nc': ['a', 'b', 'c'],
  'a && b': ['a'],
  'a | b': ['a'],
  'a;b': ['a'],
  'a 2>x': ['a'],
  'a >x': ['a'],
  '"a && b"': ['a && b'],
  'a # b': ['a', '#', 'b'],
  '$(date +%s)': ['$(date +%s)'],
  '`date +%s`': ['`date +%s`'],
  'echo (x)': undefined,
  'echo "x': undefined,
  "echo 'x": undefined,
  '': [],
};

for (const [text, expected] of Object.entries(commands)) {
  test(`command ${JSON.stringify(text)} is ${JSON.stringify(expected)}`, () => assert.equal(shellWords(text), expected));
}

const bodies: readonly [body: string, attribute: string, expected: unknown][] = [
  ['command: a b', 'command', ['a', 'b']],
  ['command: []', 'command', []],
  ['command: ""', 'command', []],
  ['hostname: x', 'command', null],
  ['healthcheck: {test: curl x}', 'healthcheck', { test: ['CMD-SHELL', 'curl x'] }],
  [
    'healthcheck: {test: [CMD, a], interval: 90s, retries: 0, disable: true}',
    'healthcheck',
    { test: ['CMD', 'a'], interval: '1m30s', retries: 0, disable: true },
  ],
  ['healthcheck: {}', 'healthcheck', {}],
  ['environment: [A=1, B, C=, D=x=y]', 'environment', { A: '1', B: null, C: '', D: 'x=y' }],
  ['environment: {A: 1, B: , C: true, D: 1.0}', 'environment', { A: '1', B: null, C: 'true', D: '1' }],
  ['environment: [""]', 'environment', { '': null }],
  ['labels: [a, b=c]', 'labels', { a: '', b: 'c' }],
  ['labels: {a: , b: 1}', 'labels', { a: '', b: '1' }],
  ['sysctls: [net.core.somaxconn=1024, x]', 'sysctls', { 'net.core.somaxconn': '1024', x: '' }],
  [
    'extra_hosts: ["myhost=0.0.0.1,0.0.0.2", "other:10.0.0.1", "v6=[::1]", "v6:::2"]',
    'extra_hosts',
    ['myhost=0.0.0.1', 'myhost=0.0.0.2', 'other=10.0.0.1', 'v6=::1', 'v6=::2'],
  ],
  ['extra_hosts: {h: 1.1.1.1, g: [2.2.2.2, "[::1]"]}', 'extra_hosts', ['g=2.2.2.2', 'g=::1', 'h=1.1.1.1']],
  [
    'devices: [/dev/single, "/dev/a:/dev/b:r", "/dev/s:/dev/t:permissions"]',
    'devices',
    [
      { source: '/dev/single', target: '/dev/single', permissions: 'rwm' },
      { source: '/dev/a', target: '/dev/b', permissions: 'r' },
      { source: '/dev/s', target: '/dev/t', permissions: 'permissions' },
    ],
  ],
  ['devices: [{source: /dev/a, target: /dev/b}]', 'devices', [{ source: '/dev/a', target: '/dev/b' }]],
  ['gpus: all', 'gpus', [{ count: -1 }]],
  ['gpus: [{driver: nvidia, foo: 1}]', 'gpus', [{ driver: 'nvidia', count: -1 }]],
  ['gpus: [{driver: d, x-lost: 1}]', 'gpus', [{ driver: 'd', count: -1 }]],
  ['gpus: [{count: "2"}, {device_ids: ["0"]}]', 'gpus', [{ count: 2 }, { device_ids: ['0'] }]],
  [
    'ulimits: {nofile: 0, nproc: 5, core: {soft: 0, hard: 3}}',
    'ulimits',
    { core: { soft: 0, hard: 3 }, nofile: { soft: 0, hard: 0 }, nproc: 5 },
  ],
  ['expose: [80, "81", 82-84]', 'expose', ['80', '81', '82-84']],
  ['dns: ""', 'dns', undefined],
  ['dns: ["", 1.1.1.1]', 'dns', ['1.1.1.1']],
  ['dns_search: ""', 'dns_search', ['']],
  ['tmpfs: /x', 'tmpfs', ['/x']],
  ['tmpfs: ["/x:size=1m,mode=755", "/x:size=2m"]', 'tmpfs', ['/x:size=2m']],
  ['group_add: [1000, mail]', 'group_add', ['1000', 'mail']],
  ['privileged: false', 'privileged', undefined],
  ['init: false', 'init', false],
  ['oom_score_adj: 0', 'oom_score_adj', undefined],
  ['scale: 0', 'scale', 0],
  ['stop_grace_period: 0s', 'stop_grace_period', '0s'],
  ['pid: null', 'pid', undefined],
  [
    'provider: {type: x, options: {a: 1, b: [c, 2], d: true}}',
    'provider',
    { type: 'x', options: { a: ['1'], b: ['c', '2'], d: ['true'] } },
  ],
  [
    'build: {context: ., provenance: true, sbom: mode=max, ssh: [default, "k=./key"]}',
    'build',
    { context: '@', dockerfile: 'Dockerfile', provenance: 'true', sbom: 'mode=max', ssh: ['default', 'k=@/key'] },
  ],
  ['build: {}', 'build', { context: '@', dockerfile: 'Dockerfile' }],
  ['build: ""', 'build', { dockerfile: 'Dockerfile' }],
  ['build: https://x.test/r.git', 'build', { context: 'https://x.test/r.git', dockerfile: 'Dockerfile' }],
  ['build: user@host:x.git', 'build', { context: '@/user@host:x.git', dockerfile: 'Dockerfile' }],
  ['build: {dockerfile_inline: FROM x}', 'build', { context: '@', dockerfile_inline: 'FROM x' }],
  ['build: {args: {FOO: , B: 2}}', 'build', { context: '@', dockerfile: 'Dockerfile', args: { B: '2' } }],
  ['build: {cache_to: [], ulimits: {nofile: 5}}', 'build', { context: '@', dockerfile: 'Dockerfile', ulimits: { nofile: 5 } }],
  [
    'deploy: {replicas: 0, update_config: {delay: 0s, parallelism: 0}}',
    'deploy',
    { replicas: 0, update_config: { parallelism: 0 }, resources: {}, placement: {} },
  ],
  [
    'deploy: {rollback_config: {}, resources: {limits: {}}}',
    'deploy',
    { rollback_config: {}, resources: { limits: {} }, placement: {} },
  ],
  ['deploy:', 'deploy', undefined],
  [
    'deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}',
    'deploy',
    { resources: { reservations: { devices: [{ capabilities: ['gpu'], count: -1 }] } }, placement: {} },
  ],
  ['pull_policy: if_not_present', 'pull_policy', 'missing'],
  ['pull_policy: every_2d', 'pull_policy', 'every_2d'],
  ['pre_start: [{command: x}]', 'pre_start', [{ command: ['x'], image: 'i' }]],
  ['pre_start: [{}]', 'pre_start', [{ command: null, image: 'i' }]],
  [
    'post_start: [{command: a b, environment: [K, L=1], privileged: true}]',
    'post_start',
    [{ command: ['a', 'b'], privileged: true, environment: { K: null, L: '1' } }],
  ],
  [
    'develop: {watch: [{path: ./src, action: rebuild, ignore: x}]}',
    'develop',
    { watch: [{ path: '@/src', action: 'rebuild', exec: { command: null }, ignore: ['x'] }] },
  ],
  [
    'blkio_config: {weight: 300, device_read_bps: [{path: /dev/a, rate: 1024k}]}',
    'blkio_config',
    { weight: 300, device_read_bps: [{ path: '/dev/a', rate: '1048576' }] },
  ],
  ['credential_spec: {file: x.json}', 'credential_spec', { file: 'x.json' }],
  ['logging: {options: {a: , b: 1}}', 'logging', { options: { a: '', b: '1' } }],
];

for (const [body, attribute, expected] of bodies) {
  test(`${body} gives ${JSON.stringify(expected)}`, async () => assert.equal((await serviceOf(body))[attribute], expected));
}

const refused: readonly [body: string, message: RegExp][] = [
  ['command: "echo (x)"', /^load.value services.a.command: invalid command line string/],
  ['environment: ["DEBUG = true"]', /environment variable DEBUG {2}is declared with a trailing space/],
  ['extra_hosts: [nohost]', /invalid additional host, missing IP: nohost/],
  ['extra_hosts: ["::::1"]', /bad host name ''/],
  ['extra_hosts: ["=::1"]', /bad host name ''/],
  ['extra_hosts: {a: null}', /^load.schema services.a.extra_hosts.a must be/],
  ['extra_hosts: [a=1.1.1.1, a=1.1.1.1]', /^load.schema services.a.extra_hosts has equal items at 0 and 1/],
  ['devices: ["a:b:c:d"]', /confusing device mapping, please use long syntax: a:b:c:d/],
  ['devices: [{source: /dev/a}]', /^load.missing-target services.a.devices\[0\] is missing a device target/],
  ['gpus: [{count: 1, device_ids: ["0"]}]', /"count" and "device_ids" attributes are exclusive/],
  ['gpus: [{count: x}]', /invalid value "x", the only value allowed is 'all' or a number/],
  ['gpus: some', /^load.schema services.a.gpus must be "all", not "some"/],
  ['deploy: {resources: {reservations: {devices: [{count: 1}]}}}', /devices\[0\] is missing "capabilities"/],
  ['cap_add: [1]', /^load.list-item-type services.a.cap_add\[0\]: unexpected type number/],
  ['build: {ssh: }', /^load.schema services.a.build.ssh must be/],
  ['build: {ssh: [x]}', /invalid ssh key "x"/],
  ['build: {additional_contexts: [x]}', /invalid value x, expected key=value/],
  ['build: {ulimits: {nofile: "5"}}', /must be an integer/],
  ['user: 1000', /^load.schema services.a.user must be a string, not the number 1000/],
  ['stop_signal: 9', /must be a string/],
  ['oom_score_adj: 2000', /must be less than or equal to 1000/],
  ['container_name: a', /must match/],
  ['cgroup: x', /must be one of "host", "private", not "x"/],
  ['develop: {watch: [{path: x}]}', /services.a.develop.watch\[0\] is missing "action"/],
  ['develop: {watch: [{path: " ", action: rebuild}]}', /value can't be blank/],
];

for (const [body, message] of refused) {
  test(`${body} is refused`, async () => assert.match(await serviceFailure(body), message));
}

test('a watched path through a link is the real one', async () => {
  await using fixture = await projectFixture(
    'services: {a: {image: i, develop: {watch: [{path: link/src, action: rebuild}, {path: none/x, action: rebuild}]}}}',
  );
  await mkdir(join(fixture.directory, 'real'));
  await symlink('real', join(fixture.directory, 'link'));
  const { project } = await fixture.load();
  const paths = project.services['a']?.develop?.watch?.map((rule) => rule['path']);
  assert.equal(paths, [join(fixture.directory, 'real/src'), join(fixture.directory, 'none/x')]);
});

test('configs and secrets: one source, unless external or with a driver', async () => {
  const config = (body: string) => failure(`services: {a: {image: i}}\nconfigs: {c: {${body}}}`);
  const secret = (body: string) => failure(`services: {a: {image: i}}\nsecrets: {c: {${body}}}`);
  assert.match(await config('file: f, content: x'), /configs.c: file\|environment\|content attributes are mutually exclusive/);
  assert.match(await config(''), /configs.c: one of file, environment, content must be set/);
  assert.match(await secret('file: f, environment: E'), /secrets.c: file\|environment attributes are mutually exclusive/);
  assert.match(await secret(''), /one of file, environment must be set/);
  await model('services: {a: {image: i}}\nconfigs: {c: {external: true, template_driver: x}}');
});

test('content from the environment is in the model, sealed for secrets', async () => {
  const project = await model(
    'services: {a: {image: i, secrets: [s, t], configs: [c]}}\nsecrets: {s: {environment: V}, t: {file: ./t}}\nconfigs: {c: {environment: V}}',
    { env: { V: 'hidden' } },
  );
  assert.equal(project.secrets.s, { name: 'project_s', environment: 'V', content: '***' });
  assert.equal(project.secrets.t, { name: 'project_t', file: '@/t' });
  assert.is(project.configs.c.content, 'hidden');
});

test('the old form of external names', async () => {
  const project = await model('services: {a: {image: i, networks: [n]}}\nnetworks: {n: {external: {name: oops}}}');
  assert.equal(project.networks.n, { name: 'oops', ipam: {}, external: true });
  assert.match(
    await failure('services: {a: {image: i}}\nnetworks: {n: {name: x, external: {name: oops}}}'),
    /networks.n: name and external.name conflict; only use name/,
  );
});

test('models', async () => {
  const project = await model(
    'services: {a: {image: i, models: [m]}, b: {image: i, models: {m: {endpoint_var: E}}}}\nmodels: {m: {model: ai/x, context_size: 1024, runtime_flags: [--a]}}',
  );
  assert.equal(project.services.a.models, { m: null });
  assert.equal(project.services.b.models, { m: { endpoint_var: 'E' } });
  assert.equal(project.models.m, { model: 'ai/x', context_size: 1024, runtime_flags: ['--a'] });
});

test.run();
