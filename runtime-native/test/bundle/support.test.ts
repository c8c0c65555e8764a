import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Service } from '#core/model/project.ts';
import type { DetailFacts } from '#runtime/bundle/refusal.ts';
import { refusedDetails } from '#runtime/bundle/refused-details.ts';
import { restartPolicy } from '#runtime/bundle/restart.ts';
import { checkSupport, serviceSupport } from '#runtime/bundle/support.ts';

const facts: DetailFacts = {
  cgroups: { mode: 'hybrid', mounts: {}, hasBlkioWeight: false, hasRealtimeLimits: false },
  capabilities: ['CAP_CHOWN'],
  hasInit: false,
  hasAppArmor: false,
  kindOf: (path) => (path === '/dev/sda' ? 'block' : 'missing'),
  readText: () => '{}',
  tlsLack: () => undefined,
};

test('the table has exactly the attributes of a service', () => {
  const source = readFileSync(new URL('../../../core/model/project.ts', import.meta.url), 'utf8');
  const body = /export interface Service \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? '';
  const keys = [...body.matchAll(/^ {2}readonly ([a-z_]+)\??:/gm)].map((match) => String(match[1]));
  assert.ok(keys.length > 80);
  assert.equal(Object.keys(serviceSupport).sort(), keys.sort());
});

test('what is refused names service and key; empty values are not written', () => {
  const service = { command: null, entrypoint: null, storage_opt: { size: '1G' }, use_api_socket: false, cpu_count: 2 };
  const found = checkSupport('web', service);
  assert.equal(
    found.map((one) => one.code),
    ['engine.ignored-attribute', 'engine.unsupported-attribute'],
  );
  assert.match(found[1]?.message ?? '', /service "web": "storage_opt"/);
});

test('attributes of Windows containers and of what is not there are told', () => {
  const service = {
    command: null,
    entrypoint: null,
    cpu_count: 2,
    cpu_percent: 50,
    credential_spec: { file: 'x' },
    models: { m: null },
    use_api_socket: true,
  };
  const found = checkSupport('web', service).map((one) => `${one.severity} ${one.path?.at(-1)}`);
  assert.equal(found, [
    'warning cpu_count',
    'warning cpu_percent',
    'error credential_spec',
    'error models',
    'error use_api_socket',
  ]);
});

test('what deploy says to the scheduler of a cluster is told once', () => {
  const deploy = {
    mode: 'global',
    labels: { a: 'b' },
    update_config: { parallelism: 2 },
    placement: { constraints: ['node.role==manager'] },
    resources: { reservations: { cpus: 0.5, memory: '16777216' } },
  };
  const [told, ...others] = checkSupport('web', { command: null, entrypoint: null, deploy });
  assert.match(
    told?.message ?? '',
    /"deploy\.mode", "deploy\.placement", "deploy\.update_config", "deploy\.resources\.reservations\.cpus" has no effect/,
  );
  assert.equal(told?.path, ['services', 'web', 'deploy', 'mode']);
  assert.equal(others, []);
  const usual = { mode: 'replicated', replicas: 2, placement: {}, resources: {} };
  assert.equal(checkSupport('web', { command: null, entrypoint: null, deploy: usual }), []);
});

test('values that cannot be enforced are all reported at once', () => {
  const service = {
    command: null,
    entrypoint: null,
    annotations: { 'run.oci.seccomp_bpf_data': 'x' },
    cap_add: ['NONSENSE'],
    restart: 'sometimes',
    blkio_config: { weight: 300 },
    init: true,
    ulimits: { nofiles: 3 },
    logging: { driver: 'awslogs' },
  };
  const messages = refusedDetails('web', service, facts).map((one) => one.message);
  assert.is(messages.length, 7, messages.join('\n'));
});

test('contradictions and what the machine lacks are refused at their place in the file', () => {
  const refusedAt = (service: Partial<Service>) =>
    refusedDetails('web', { command: null, entrypoint: null, ...service }, facts).map((one) => one.path?.slice(2).join('.'));
  const log = (options: Record<string, string>) => refusedAt({ logging: { driver: 'syslog', options } });
  assert.equal(refusedAt({ cpus: 0.5, cpu_quota: 1000 }), ['cpu_quota']);
  assert.equal(refusedAt({ cap_add: ['chown', 'SYS_RESOURCE'] }), ['cap_add']);
  assert.equal(refusedAt({ cgroup_parent: '../../system.slice' }), ['cgroup_parent']);
  assert.equal(refusedAt({ blkio_config: { device_read_bps: [{ path: '/dev/none', rate: '1' }] } }), [
    'blkio_config.device_read_bps',
  ]);
  assert.equal(refusedAt({ blkio_config: { device_read_bps: [{ path: '/dev/sda', rate: '1' }] } }), []);
  assert.equal(refusedAt({ devices: [{ source: '/dev/none', target: '/dev/none' }] }), ['devices.0']);
  assert.equal(refusedAt({ device_cgroup_rules: ['c 1:3 r', 'odd'] }), ['device_cgroup_rules.1']);
  const pipes = (['npipe', 'cluster'] as const).map((type) => ({ type, source: 'a', target: '/a' }));
  assert.equal(refusedAt({ volumes: pipes }), ['volumes.0', 'volumes.1']);
  assert.equal(refusedAt({ cpu_rt_runtime: 1000 }), ['cpu_rt_runtime']);
  const sctp = (host_ip: string) =>
    refusedAt({ ports: [{ target: 80, published: '80', protocol: 'sctp', host_ip, mode: 'ingress' }] });
  assert.equal([sctp('127.0.0.1'), sctp('::1'), sctp('192.0.2.1')], [['ports'], ['ports'], []]);
  assert.equal(refusedAt({ isolation: 'hyperv' }), ['isolation']);
  assert.equal(refusedAt({ isolation: 'default' }), []);
  for (const key of ['cgroup', 'ipc', 'pid', 'userns_mode', 'uts'] as const) assert.equal(refusedAt({ [key]: 'odd' }), [key]);
  const relabelled = { type: 'bind', source: '/a', target: '/a', bind: { selinux: 'z' } } as const;
  assert.equal(refusedAt({ volumes: [relabelled] }), []);
  assert.equal(
    refusedDetails('web', { command: null, entrypoint: null, volumes: [relabelled] }, { ...facts, kindOf: () => 'other' }).length,
    1,
  );
  assert.equal(refusedAt({ security_opt: ['label=disable', 'seccomp=/profile.json'] }), ['security_opt.1']);
  assert.equal(log({ 'syslog-address': 'http://logs:6514' }), ['logging.options.syslog-address']);
  assert.equal(log({ tag: '{{.Nope}}' }), ['logging.options.tag']);
  assert.equal(log({ tag: '{{ .Name }}/{{.ImageName}}' }), []);
});

test('restart_policy keeps delay, window and attempts', () => {
  const policy = (restart_policy: object) => restartPolicy({ deploy: { resources: {}, placement: {}, restart_policy } });
  assert.equal(policy({ condition: 'any', delay: '2s', window: '1m0s', max_attempts: 4 }), {
    policy: 'always',
    maxRetries: 4,
    delayMs: 2000,
    maxDelayMs: 2000,
    windowMs: 60_000,
  });
  assert.is(policy({ condition: 'now and then' }), undefined);
  assert.equal(restartPolicy({ restart: 'on-failure:3' }), {
    policy: 'on-failure',
    maxRetries: 3,
    delayMs: 100,
    maxDelayMs: 60_000,
  });
});

test.run();
