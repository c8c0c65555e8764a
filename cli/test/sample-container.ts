import type { ObservedContainer } from '#core/observe/observed.ts';

/** A running container with what a test says. */
export function observed(more: Partial<ObservedContainer>): ObservedContainer {
  return {
    ...{ id: 'a'.repeat(64), name: 'p-web-1', project: 'p', service: 'web', number: 1, oneOff: false, state: 'running' },
    ...{
      desired: 'running',
      pid: 42,
      oomKilled: false,
      restartCount: 0,
      image: 'img',
      imageId: 'sha256:1',
      imageDigest: 'sha256:2',
    },
    ...{ labels: {}, endpoints: [], mounts: [], ports: [], argv: ['sleep', '1'], createdAt: '2026-01-01T00:00:00.000Z' },
    ...more,
  };
}
