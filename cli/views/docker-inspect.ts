import type { ContainerDetails, MountDetails } from '#core/engine/details.ts';
import { hostConfig } from './inspect/host-config.ts';
import { networkSettings } from './inspect/network-settings.ts';
import { goTimestamp, stateOf } from './inspect/state.ts';

/**
 * A container as `docker inspect` shows it (Docker Engine API v1.43, `ContainerInspect`), so that programs written for Docker
 * find what they look for. What this engine has no counterpart of is empty as it is there.
 */
export function dockerInspect(details: ContainerDetails): Record<string, unknown> {
  const { container, files } = details;
  const [path = '', ...args] = container.argv;
  return {
    Id: container.id,
    Created: goTimestamp(container.createdAt),
    Path: path,
    Args: args,
    State: stateOf(details),
    Image: container.imageId,
    ResolvConfPath: files.resolvConf,
    HostnamePath: files.hostname,
    HostsPath: files.hosts,
    LogPath: files.log,
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: hostConfig(details),
    GraphDriver: {
      Name: 'overlay2',
      Data: { LowerDir: files.lower.join(':'), UpperDir: files.upper, WorkDir: files.work, MergedDir: '' },
    },
    Mounts: details.mounts.filter((one) => one.type !== 'image').map(mountOf),
    Config: configOf(details),
    NetworkSettings: networkSettings(details),
  };
}

function mountOf({ type, name, source, target, readOnly, propagation }: MountDetails): object {
  return {
    Type: type,
    ...(name === undefined ? {} : { Name: name }),
    Source: source,
    Destination: target,
    ...(type === 'volume' ? { Driver: 'local' } : {}),
    Mode: readOnly ? 'ro' : type === 'volume' ? 'z' : 'rw',
    RW: !readOnly,
    Propagation: propagation,
  };
}

function configOf({ container, spec, imageConfig, env, user, workingDir, hostname }: ContainerDetails): object {
  const { service } = spec;
  const health = service.healthcheck;
  const exposed = container.ports.map((one) => [`${one.containerPort}/${one.protocol}`, {}] as const);
  const volumes = Object.keys(imageConfig.Volumes ?? {}).map((target) => [target, {}] as const);
  return {
    Hostname: hostname,
    Domainname: service.domainname ?? '',
    User: user,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    ...(exposed.length === 0 ? {} : { ExposedPorts: Object.fromEntries(exposed) }),
    Tty: service.tty ?? false,
    OpenStdin: service.stdin_open ?? false,
    StdinOnce: false,
    Env: env,
    Cmd: service.command ?? (service.entrypoint === null ? (imageConfig.Cmd ?? null) : null),
    ...(health?.test === undefined ? {} : { Healthcheck: { Test: health.test } }),
    Image: container.image,
    Volumes: volumes.length === 0 ? null : Object.fromEntries(volumes),
    WorkingDir: workingDir,
    Entrypoint: service.entrypoint ?? imageConfig.Entrypoint ?? null,
    OnBuild: null,
    Labels: container.labels,
    ...(service.stop_signal === undefined ? {} : { StopSignal: service.stop_signal }),
  };
}
