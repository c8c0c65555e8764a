import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

const limit = { timeout: 120_000, killSignal: 'SIGKILL' } as const;

/**
 * Runs a script in a network namespace of its own, where it may change what is the whole machine's: policies, chains, routes.
 * It has an engine `fixture`, `make(name, bridge)` for a network, and `ip`, `iptables` and `nft`. Returns the JSON that it prints.
 */
export function runApart(script: string): unknown {
  const namespace = `tscfw-${randomBytes(3).toString('hex')}`;
  execFileSync('ip', ['netns', 'add', namespace], limit);
  try {
    const program = [process.execPath, '--input-type=module', '-e', `${setUp}\n${script}`];
    const argv = [`--net=/run/netns/${namespace}`, 'unshare', '--mount', 'sh', '-c', mountSys, 'sh', ...program];
    return JSON.parse(execFileSync('nsenter', argv, { ...limit, encoding: 'utf8', cwd: new URL('../../..', import.meta.url) }));
  } finally {
    execFileSync('ip', ['netns', 'delete', namespace], limit);
  }
}

/** /sys tells of the links of the namespace that mounted it; `ip netns exec` mounts it too, but then there are no cgroups. */
const mountSys =
  'd=$(mktemp -d) && mount --rbind /sys/fs/cgroup $d && mount -t sysfs sysfs /sys && mount --rbind $d /sys/fs/cgroup && umount -l $d && rmdir $d && exec "$@"';

const setUp = `
import { execFileSync } from 'node:child_process';
const { engineFixture, networkSpec } = await import('./runtime-native/test/engine-fixture.ts');
const run = (file, argv, input = '') => execFileSync(file, argv, { input, encoding: 'utf8', timeout: 30_000 });
const ip = (...argv) => run('ip', argv);
const iptables = (...argv) => run('iptables', argv);
const nft = (input) => run('nft', ['-f', '-'], input);
await using fixture = await engineFixture();
const make = (name, bridge) => fixture.engine.createNetwork(networkSpec(name, { driverOpts: { 'com.docker.network.bridge.name': bridge } }));
`;
