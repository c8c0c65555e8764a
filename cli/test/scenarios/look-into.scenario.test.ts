// timeout: 600s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventually, expect, scenario } from '../scenario.ts';

/** The first document of `inspect`. */
function inspected(text: string) {
  // biome-ignore lint/suspicious/noExplicitAny: the test looks where programs written for Docker look.
  return (JSON.parse(text) as any[])[0];
}

scenario('inspect, top and stats show what runs')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  busy:
    image: tscompose/busybox:1
    command: [sh, -c, "while :; do :; done & sleep 1001"]
    environment: { NAME: value }
    ports: ["127.0.0.1:23020:80"]
    volumes: ["data:/data", "./:/here:ro"]
    mem_limit: 64m
    cpus: 0.5
    restart: on-failure:3
    stop_grace_period: 0s
    healthcheck: { test: "echo fine", interval: 1s, start_period: 10s, start_interval: 100ms }
  done: { image: tscompose/busybox:1, command: [sh, -c, exit 3] }
volumes: { data: {} }
`,
  })
  .step('up', ['up', '-d', '--wait', 'busy'])
  .step('another', ['up', '-d', 'done'])
  .act('it ends', eventually(expect.exitCode('done', 3), 120_000))
  .step('inspect has the shape of docker inspect', ['inspect', 'app-busy-1'])
  .act('in all its parts', (world) => {
    const { State, Config, HostConfig, NetworkSettings, Mounts, Name } = inspected(world.last.stdout);
    assert.is(Name, '/app-busy-1');
    assert.equal([State.Status, State.Running, State.Health.Status], ['running', true, 'healthy']);
    assert.match(State.Health.Log[0].Output, /fine/);
    assert.ok(Config.Env.includes('NAME=value'));
    assert.is(Config.Labels['com.docker.compose.service'], 'busy');
    assert.equal([HostConfig.Memory, HostConfig.NanoCpus], [64 * 1024 * 1024, 500_000_000]);
    assert.equal(HostConfig.RestartPolicy, { Name: 'on-failure', MaximumRetryCount: 3 });
    assert.equal(NetworkSettings.Ports['80/tcp'], [{ HostIp: '127.0.0.1', HostPort: '23020' }]);
    assert.match(NetworkSettings.Networks.app_default.IPAddress, /^\d+\.\d+\.\d+\.\d+$/);
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    const mounts = Mounts.map((one: any) => [one.Type, one.Name ?? one.Source, one.Destination, one.RW]);
    assert.equal(mounts, [
      ['volume', 'app_data', '/data', true],
      ['bind', world.directory, '/here', false],
    ]);
  })
  .step(
    'templates reach into it; a service means its containers',
    ['inspect', '-f', '{{.State.ExitCode}} {{range $k, $v := .NetworkSettings.Networks}}{{$k}}{{end}}', 'done'],
    expect.stdout(/^3 app_default\n$/),
  )
  .step(
    'what is not there',
    ['inspect', 'nosuch'],
    expect.exit(1),
    expect.stderr(/no container or service "nosuch"/),
    expect.stdout(/^\[\]\n$/),
  )
  .step(
    'top shows the processes',
    ['top'],
    expect.stdout(/^SERVICE +# +UID +PID +PPID +C +STIME +TTY +TIME +CMD\n/),
    expect.stdout(/^busy +1 +root +\d+ +\d+ +\d+ +\d\d:\d\d +\? +\d\d:\d\d:\d\d +sh -c while/m),
    expect.noOutput(/tscompose-supervisor/),
    expect.stdout(/sleep 1001\n/),
  )
  .step('of a service that has none', ['top', 'done'], expect.stdout(/^$/))
  .step('or is not there', ['top', 'nosuch'], expect.exit(1))
  .step('stats as JSON', ['stats', '--no-stream', '--format', 'json'])
  .act('limits count, and work shows', (world) => {
    const lines = world.last.stdout.trim().split('\n');
    assert.is(lines.length, 1);
    const row = JSON.parse(lines[0] ?? '') as Record<string, string>;
    assert.equal(Object.keys(row), ['BlockIO', 'CPUPerc', 'Container', 'ID', 'MemPerc', 'MemUsage', 'Name', 'NetIO', 'PIDs']);
    assert.match(row['MemUsage'] ?? '', / \/ 64MiB$/);
    assert.match(row['CPUPerc'] ?? '', /^\d+\.\d\d%$/);
    assert.is.not(row['CPUPerc'], '0.00%');
    assert.ok(Number(row['PIDs']) >= 2, row['PIDs']);
  })
  .step(
    'stats -a has what does not run too',
    ['stats', '-a', '--no-stream'],
    expect.stdout(/^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS\n/),
    expect.stdout(/app-done-1 +-- +-- \/ -- +--/),
  )
  .start('stats goes on', ['stats', '--format', '{{.Name}}', 'busy'], eventually(expect.stdout(/^(app-busy-1\n){2}/), 120_000))
  .signal('until it is interrupted', 'SIGINT', expect.exit(130))
  .test();

test.run();
