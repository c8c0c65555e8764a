// timeout: 400s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expect, scenario, type World } from '../scenario.ts';

const untouched = async (world: World): Promise<void> => {
  assert.equal(await world.containers(), []);
  assert.match((await world.run('volumes')).stdout, /^DRIVER.*\n$/);
};

scenario('what this engine cannot enforce is refused with its place, before anything is made')
  .images('busybox')
  .project({
    'compose.yaml': `services:
  web:
    image: tscompose/busybox:1
    volumes: [data:/data]
    cpus: 0.5
    cpu_quota: 20000
    cgroup_parent: ../up
    storage_opt: { size: 1G }
    security_opt:
      - seccomp=./missing.json
    blkio_config:
      device_read_bps:
        - { path: /dev/null, rate: 1mb }
    logging:
      driver: syslog
      options:
        syslog-address: http://logs:6514
  other:
    image: tscompose/busybox:1
    restart: sometimes
    devices:
      - /dev/null
      - vendor.invalid/class=name
    gpus: [{ driver: cdi, device_ids: [vendor.invalid/gpu=0] }]
volumes: { data: {} }
`,
  })
  .step(
    'up names every place',
    ['up', '-d'],
    expect.exit(1),
    expect.stderr(/compose\.yaml:6:16/),
    expect.stderr(/compose\.yaml:7:20/),
    expect.stderr(/compose\.yaml:8:18/),
    expect.stderr(/compose\.yaml:1[01]:/),
    expect.stderr(/compose\.yaml:13:/),
    expect.stderr(/compose\.yaml:17:25/),
    expect.stderr(/compose\.yaml:20:14/),
    expect.stderr(/compose\.yaml:23:9: .*offers no device "vendor\.invalid\/class=name"/),
    expect.stderr(/compose\.yaml:24:/),
    untouched,
  )
  .step('so does a plan', ['plan'], expect.exit(1), expect.stderr(/compose\.yaml:8:18/))
  .edit('only what is wanted counts', {
    'compose.yaml': `services:
  web: { image: "tscompose/busybox:1", command: [sleep, "1000"] }
  other: { image: "tscompose/busybox:1", storage_opt: { size: 1G }, scale: 0 }
`,
  })
  .step('a service without replicas stands in nobody’s way', ['up', '-d'], expect.state('web', 'running'))
  .test();

test.run();
