// timeout: 600s
import { existsSync, readlinkSync } from 'node:fs';
import { test } from 'uvu';
import { probe } from '../../scenario/probe.ts';
import { expect, scenario } from '../../scenario.ts';

const sleep = 'image: tscompose/busybox:1, command: [sleep, "1000"], stop_signal: SIGKILL';

const hostNamespaces = ['net', 'uts', 'ipc', 'pid'].map((one) => readlinkSync(`/proc/self/ns/${one}`)).join('\n');
const kernelLog = existsSync('/dev/kmsg');

scenario('isolation: what a service says about its walls is what the kernel enforces')
  .images('busybox')
  .project({
    'no-mkdir.json': JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      archMap: [
        { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
        { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: [] },
      ],
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }],
    }),
    'compose.yaml': `services:
  plain: { ${sleep} }
  caps: { ${sleep}, cap_drop: [ALL], cap_add: [chown, CAP_NET_RAW], security_opt: ["no-new-privileges:true"] }
  free: { ${sleep}, privileged: true, security_opt: ["label=disable", "apparmor=unconfined"] }
  filter: { ${sleep}, security_opt: ["seccomp=./no-mkdir.json"] }
  open: { ${sleep}, security_opt: ["seccomp=unconfined"] }
  fixed:
    image: tscompose/busybox:1
    command: [sleep, "1000"]
    stop_signal: SIGKILL
    read_only: true
    tmpfs: ["/run/quick:size=64k,mode=700", /tmp]
    shm_size: 1m
    devices: ["/dev/zero:/dev/rw"${kernelLog ? ', "/dev/kmsg:/dev/mine:w"' : ''}]
    device_cgroup_rules: ["c 10:229 rw"]
    sysctls: { net.ipv4.ip_forward: "1", kernel.msgmax: "9000" }
  lender: { ${sleep}, ipc: shareable, networks: [a] }
  guest: { ${sleep}, ipc: "service:lender", pid: "service:lender", network_mode: "service:lender" }
  host: { ${sleep}, pid: host, uts: host, ipc: host, network_mode: host, cgroup: host, userns_mode: host }
  alone: { ${sleep}, network_mode: none, cgroup: private, ipc: private, runtime: runc }
networks: { a: {} }
`,
  })
  .step('up', ['up', '-d'], expect.state('host', 'running'))
  .act(
    'defaults: fourteen capabilities, a filter, masked and read-only paths',
    probe('plain', [
      ['grep CapBnd /proc/self/status | cut -f2', '00000000a80425fb'],
      ['grep "^Seccomp:" /proc/self/status | cut -f2', '2'],
      ['grep NoNewPrivs /proc/self/status | cut -f2', '0'],
      ['cat /proc/kcore 2> /dev/null | head -c1 | wc -c; ls /sys/firmware', '0'],
      ['echo 1 > /proc/sys/kernel/msgmax', /[Rr]ead-only/],
      ['mknod /tmp/disk b 254 0 && cat /tmp/disk', /not permitted/],
      ['unshare -m true', /not permitted/],
      ['mkdir /sys/fs/cgroup/x; mkdir /sys/fs/cgroup/memory/x', /[Rr]ead-only|nonexistent|No such/],
      ['ls /proc/self/fd | wc -l', '4'],
    ]),
  )
  .act(
    'cap_drop ALL, cap_add, no-new-privileges',
    probe('caps', [
      ['grep CapEff /proc/self/status | cut -f2', '0000000000002001'],
      ['grep CapBnd /proc/1/status | cut -f2', '0000000000002001'],
      ['grep NoNewPrivs /proc/1/status | cut -f2', '1'],
    ]),
  )
  .act(
    'privileged',
    probe('free', [
      ['grep "^Seccomp:" /proc/1/status | cut -f2', '0'],
      ['grep CapEff /proc/1/status | cut -f2', /^000001ff[0-9a-f]{8}$/],
      ['mkdir /m && mount -t tmpfs t /m && echo mounted', 'mounted'],
    ]),
  )
  .act('a filter of the user’s own', probe('filter', [['mkdir /tmp/x', /No space left/]]))
  .act('none', probe('open', [['grep "^Seccomp:" /proc/1/status | cut -f2', '0']]))
  .act(
    'read-only root, tmpfs, shared memory, devices, settings',
    probe('fixed', [
      ['touch /x', /[Rr]ead-only/],
      ['stat -c %a /run/quick; df -k /run/quick | tail -1 | tr -s " " | cut -d" " -f2', '700\n64'],
      ['touch /tmp/x && echo written', 'written'],
      ['df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2', '1024'],
      ...(kernelLog
        ? ([['echo tscompose > /dev/mine && echo written; head -c1 /dev/mine', /^written\n.*not permitted/]] as const)
        : []),
      ['echo x > /dev/rw && head -c 3 /dev/rw | wc -c', '3'],
      ['cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax', '1\n9000'],
      ['mknod /dev/ruled c 10 229; head -c0 /dev/ruled', /^(?!.*not permitted)/],
      ['mknod /dev/unruled c 10 232; head -c0 /dev/unruled', /not permitted/],
    ]),
  )
  .act(
    'another service’s namespaces',
    probe('guest', [
      ['ls /proc/[0-9]*/comm | wc -l | grep -qv "^[12]$" && echo many', 'many'],
      ['ping -c1 -w5 $(hostname) | grep -c "0% packet loss"', '1'],
      ['ls /sys/class/net | tr "\\n" " "', /eth0/],
    ]),
  )
  .act('the lender sees the guest’s memory', async (world) => {
    await world.run('exec', '-T', 'guest', 'sh', '-c', 'echo shared > /dev/shm/file');
    await probe('lender', [['cat /dev/shm/file', 'shared']])(world);
  })
  .act(
    'the host’s namespaces',
    probe('host', [['for one in net uts ipc pid; do readlink /proc/self/ns/$one; done', hostNamespaces]]),
  )
  .act(
    'no network at all',
    probe('alone', [
      ['ls /sys/class/net', 'lo'],
      ['cut -d: -f3 /proc/self/cgroup | sort -u', '/'],
    ]),
  )
  .test();

test.run();
