// timeout: 600s
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import { probe } from '../../scenario/probe.ts';
import { eventually, expect, scenario } from '../../scenario.ts';

const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers');
const disk = readdirSync('/sys/block').find((name) => existsSync(`/dev/${name}`) && !/^(zram|loop|ram)/.test(name));
const number = disk === undefined ? '' : readFileSync(`/sys/block/${disk}/dev`, 'utf8').trim();
/** What the control groups say, under the name of version 1 or 2. */
const group = (v1: string, v2: string) => `cat /sys/fs/cgroup/${isUnified ? v2 : v1}`;
const hasRealtime = existsSync('/sys/fs/cgroup/cpu/cpu.rt_runtime_us');
const sleep = 'image: tscompose/busybox:1\n    command: [sleep, "1000"]\n    stop_signal: SIGKILL';

scenario('limits: what a service may use is what the control groups say')
  .images('busybox')
  .project({
    'compose.yaml': `services:
  old:
    ${sleep}
    cpus: 0.25
    cpu_shares: 512
    cpuset: "0"
    mem_limit: 64m
    mem_reservation: 32m
    memswap_limit: 96m
    pids_limit: 20
    oom_score_adj: 321
    ulimits: { nofile: { soft: 100, hard: 200 }, core: 0 }
    cgroup_parent: attrs-parent
    ${isUnified ? '' : 'mem_swappiness: 10\n    oom_kill_disable: true'}
    ${disk === undefined ? '' : `blkio_config: { device_read_bps: [{ path: /dev/${disk}, rate: 2mb }], device_write_iops: [{ path: /dev/${disk}, rate: 77 }] }`}
  new:
    ${sleep}
    deploy:
      resources:
        limits: { cpus: "0.5", memory: 48m, pids: 17 }
        reservations: { memory: 16m }
  split:
    ${sleep}
    cpu_period: 50000
    cpu_quota: 10000
    ${hasRealtime ? 'cpu_rt_period: 200000\n    cpu_rt_runtime: 1000' : ''}
  greedy:
    image: tscompose/busybox:1
    command: [sh, -c, 'tail /dev/zero']
    mem_limit: 16m
    memswap_limit: 16m
`,
  })
  .step('up', ['up', '-d'], expect.state('old', 'running'))
  .act(
    'the older attributes',
    probe('old', [
      [group('cpu/cpu.cfs_quota_us', 'cpu.max'), isUnified ? '25000 100000' : '25000'],
      [group('cpu/cpu.shares', 'cpu.weight'), isUnified ? /^\d+$/ : '512'],
      [group('cpuset/cpuset.cpus', 'cpuset.cpus'), '0'],
      [group('memory/memory.limit_in_bytes', 'memory.max'), '67108864'],
      [group('memory/memory.soft_limit_in_bytes', 'memory.low'), '33554432'],
      [group('memory/memory.memsw.limit_in_bytes', 'memory.swap.max'), isUnified ? '33554432' : ['100663296', '']],
      [group('pids/pids.max', 'pids.max'), '20'],
      ['cat /proc/1/oom_score_adj', '321'],
      ['ulimit -Sn; ulimit -Hn; ulimit -c', '100\n200\n0'],
      ...(isUnified
        ? []
        : ([
            ['cat /sys/fs/cgroup/memory/memory.swappiness', '10'],
            ['grep oom_kill_disable /sys/fs/cgroup/memory/memory.oom_control', 'oom_kill_disable 1'],
            ['grep -c attrs-parent /proc/1/cgroup | grep -qv "^0$" && echo there', 'there'],
          ] as const)),
      ...(disk === undefined
        ? []
        : ([
            [
              group('blkio/blkio.throttle.read_bps_device', 'io.max'),
              isUnified ? new RegExp(`^${number} rbps=2097152.* wiops=77`) : `${number} 2097152`,
            ],
          ] as const)),
    ]),
  )
  .act(
    'deploy.resources',
    probe('new', [
      [group('cpu/cpu.cfs_quota_us', 'cpu.max'), isUnified ? '50000 100000' : '50000'],
      [group('memory/memory.limit_in_bytes', 'memory.max'), '50331648'],
      [group('memory/memory.soft_limit_in_bytes', 'memory.low'), '16777216'],
      [group('pids/pids.max', 'pids.max'), '17'],
    ]),
  )
  .act(
    'period and quota',
    probe('split', [
      [
        `${group('cpu/cpu.cfs_period_us', 'cpu.max')}; ${isUnified ? 'true' : 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us'}`,
        isUnified ? '10000 50000' : '50000\n10000',
      ],
      ...(hasRealtime
        ? ([['cat /sys/fs/cgroup/cpu/cpu.rt_period_us /sys/fs/cgroup/cpu/cpu.rt_runtime_us', '200000\n1000']] as const)
        : []),
    ]),
  )
  .act('what takes too much memory is killed', eventually(expect.exitCode('greedy', 137), 20_000))
  .test();

test.run();
