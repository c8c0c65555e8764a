import type { ImageConfig } from '#core/engine/specs.ts';
import type { Healthcheck } from '#core/model/project.ts';
import { durationMs } from '#core/model/units.ts';
import type { SupervisorSpec } from '#schemas/supervisor-protocol.ts';

const nsPerMs = 1e6;

/** The health check that applies: the service's fields over the image's, Docker's defaults for the rest; undefined: none. */
export function effectiveHealth(service: Healthcheck | undefined, image: ImageConfig): SupervisorSpec['health'] | undefined {
  if (service?.disable) return undefined;
  const base = image.Healthcheck;
  const test = service?.test?.length ? service.test : base?.Test;
  if (test === undefined || test.length === 0 || test[0] === 'NONE') return undefined;
  const argv = test[0] === 'CMD-SHELL' ? [...(image.Shell ?? ['/bin/sh', '-c']), test.slice(1).join(' ')] : test.slice(1);
  const pick = (text: string | undefined, ns: number | undefined, fallbackMs: number): number => {
    const ms = text === undefined ? (ns ?? 0) / nsPerMs : durationMs(text);
    return ms > 0 ? Math.max(1, Math.round(ms)) : fallbackMs;
  };
  return {
    argv,
    intervalMs: pick(service?.interval, base?.Interval, 30_000),
    timeoutMs: pick(service?.timeout, base?.Timeout, 30_000),
    startPeriodMs: pick(service?.start_period, base?.StartPeriod, 0),
    startIntervalMs: pick(service?.start_interval, base?.StartInterval, 5_000),
    retries: service?.retries || base?.Retries || 3,
  };
}
