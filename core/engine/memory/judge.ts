import type { AwaitCondition, AwaitOutcome } from '../engine.ts';
import type { MemoryContainer } from './container.ts';

/** Whether a container satisfies a condition or can no longer do so; undefined: still open. */
export function judge(container: MemoryContainer, condition: AwaitCondition): AwaitOutcome | undefined {
  if (container.isRemoved) return { outcome: 'removed' };
  if (container.state === 'exited' || container.state === 'dead') {
    const { exitCode = 0 } = container;
    return condition === 'exited' ? { outcome: 'satisfied', exitCode } : { outcome: 'exited', exitCode };
  }
  if (condition === 'exited' || container.state !== 'running') return undefined;
  if (condition === 'running') return { outcome: 'satisfied' };
  if (container.health === 'healthy') return { outcome: 'satisfied' };
  if (container.health === 'unhealthy') return { outcome: 'unhealthy', output: container.healthOutput ?? '' };
  if (container.health === undefined) return condition === 'healthy' ? { outcome: 'no-healthcheck' } : { outcome: 'satisfied' };
  return undefined;
}
