import type { ImageConfig } from '#core/engine/specs.ts';
import type { Service } from '#core/model/project.ts';
import { durationMs } from '#core/model/units.ts';
import { effectiveArgv, extendEnvironment } from '../bundle/process.ts';
import type { StoredContainer } from './stored-container.ts';

const nsPerMs = 1e6;
const ownLabels = 'com.docker.compose.';

/**
 * The configuration of an image that is made of a container: the image's with what the service says instead, as Docker
 * commits it. The labels by which Compose finds its containers are left out: containers of the new image are others.
 */
export function committedConfig({ spec, image }: Pick<StoredContainer, 'spec' | 'image'>): ImageConfig {
  const { service } = spec;
  const base = image.config;
  const environment = Object.entries(service.environment ?? {}).map(([key, value]) => (value === null ? key : `${key}=${value}`));
  const labels = Object.entries(spec.labels).filter(([key]) => !key.startsWith(ownLabels));
  const exposed = (service.expose ?? []).map((port) => [/\//.test(port) ? port : `${port}/tcp`, {}]);
  const health = committedHealth(service, base);
  return {
    ...base,
    ...(environment.length === 0 ? {} : { Env: extendEnvironment(base.Env ?? [], environment) }),
    ...command(service),
    ...(service.user ? { User: service.user } : {}),
    ...(service.working_dir ? { WorkingDir: service.working_dir } : {}),
    ...(service.stop_signal ? { StopSignal: service.stop_signal } : {}),
    ...(labels.length === 0 ? {} : { Labels: { ...base.Labels, ...Object.fromEntries(labels) } }),
    ...(exposed.length === 0 ? {} : { ExposedPorts: { ...base.ExposedPorts, ...Object.fromEntries(exposed) } }),
    ...(health === undefined ? {} : { Healthcheck: health }),
  };
}

/** What the container ran, as the history of an image tells it. */
export function committedCommand({ spec, image }: Pick<StoredContainer, 'spec' | 'image'>): string {
  return effectiveArgv(spec.service, image.config).join(' ');
}

/** An entrypoint of the service sets the image's command aside, even when it has none of its own. */
function command({ entrypoint, command: own }: Service): Pick<ImageConfig, 'Entrypoint' | 'Cmd'> {
  return {
    ...(entrypoint === null || entrypoint === undefined ? {} : { Entrypoint: entrypoint, Cmd: null }),
    ...(own === null || own === undefined ? {} : { Cmd: own }),
  };
}

function committedHealth({ healthcheck }: Service, base: ImageConfig): ImageConfig['Healthcheck'] | undefined {
  if (healthcheck === undefined) return undefined;
  if (healthcheck.disable) return { Test: ['NONE'] };
  const nanoseconds = (text: string | undefined, fallback: number | undefined) =>
    text === undefined ? fallback : durationMs(text) * nsPerMs;
  const all = {
    Test: healthcheck.test?.length ? healthcheck.test : base.Healthcheck?.Test,
    Interval: nanoseconds(healthcheck.interval, base.Healthcheck?.Interval),
    Timeout: nanoseconds(healthcheck.timeout, base.Healthcheck?.Timeout),
    StartPeriod: nanoseconds(healthcheck.start_period, base.Healthcheck?.StartPeriod),
    StartInterval: nanoseconds(healthcheck.start_interval, base.Healthcheck?.StartInterval),
    Retries: healthcheck.retries ?? base.Healthcheck?.Retries,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
