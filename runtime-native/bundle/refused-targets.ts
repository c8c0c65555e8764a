import { posix } from 'node:path';
import type { MountSpec } from '#core/engine/specs.ts';
import type { Service } from '#core/model/project.ts';

/** Files of /proc that tools such as lxcfs replace, as runc knows them; everything else there is the kernel's. */
const replaceable = new Set(
  'cpuinfo diskstats meminfo stat swaps uptime loadavg slabinfo net/dev sys/kernel/ns_last_pid sys/crypto/fips_enabled'
    .split(' ')
    .map((name) => `/proc/${name}`),
);

/** Why nothing can be mounted at a path of the container, or undefined. */
export function refusedTarget(target: string): string | undefined {
  const path = posix.normalize(`/${target}`).replace(/\/+$/, '') || '/';
  if (path === '/') return 'the root itself cannot be covered';
  if ((path === '/proc' || path.startsWith('/proc/')) && !replaceable.has(path))
    return `"${path}" is the kernel's; mounts there could mislead the runtime`;
  return undefined;
}

/** Targets of a service that are refused: attribute and reason. */
export function refusedTargets(
  service: Service,
  mounts: readonly Pick<MountSpec, 'target'>[],
): readonly (readonly [key: 'volumes' | 'tmpfs' | 'configs' | 'secrets', reason: string])[] {
  const targets = [
    ...mounts.map(({ target }) => ['volumes', target] as const),
    ...(service.tmpfs ?? []).map((text) => ['tmpfs', text.split(':')[0] ?? ''] as const),
    ...(service.configs ?? []).map(({ target = 'file' }) => ['configs', target] as const),
    ...(service.secrets ?? []).map(
      ({ target = 'file' }) => ['secrets', target.startsWith('/') ? target : `/run/secrets/${target}`] as const,
    ),
  ];
  return targets.flatMap(([key, target]) => {
    const reason = refusedTarget(target);
    return reason === undefined ? [] : [[key, reason] as const];
  });
}
