import type { ContainerDetails } from '#core/engine/details.ts';

/** Go's zero time, which Docker shows for what has not happened. */
const never = '0001-01-01T00:00:00Z';

/** An RFC 3339 time as Docker prints it; empty and absent: never. */
export function goTimestamp(time: string | undefined): string {
  return time === undefined || time === '' ? never : time;
}

/** `.State` of `docker inspect`. */
export function stateOf({ container, health }: ContainerDetails): object {
  const isRunning = container.state === 'running' || container.state === 'paused' || container.state === 'restarting';
  const words = { starting: 'starting', healthy: 'healthy', unhealthy: 'unhealthy' } as const;
  return {
    Status: container.state,
    Running: isRunning,
    Paused: container.state === 'paused',
    Restarting: container.state === 'restarting',
    OOMKilled: container.oomKilled,
    Dead: container.state === 'dead',
    Pid: container.pid ?? 0,
    ExitCode: container.exitCode ?? 0,
    Error: container.error ?? '',
    StartedAt: goTimestamp(container.startedAt),
    FinishedAt: goTimestamp(container.finishedAt),
    ...(health === undefined
      ? {}
      : {
          Health: {
            Status: words[container.health ?? 'starting'],
            FailingStreak: health.failingStreak,
            Log: health.log.map((one) => ({ Start: one.start, End: one.end, ExitCode: one.exitCode, Output: one.output })),
          },
        }),
  };
}
