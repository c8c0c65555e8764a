import type { Hook, Project, Service, ServiceNetwork } from './project.ts';

/**
 * The project with the service as its `pre_start` hook runs it: one container beside the replicas, on their networks and with their
 * volumes, that runs the hook's command once. What belongs to the replicas alone (ports, fixed addresses, checks, restarts) is left out.
 */
export function withHookService(project: Project, name: string, index: number): Project {
  const service = project.services[name];
  const hook = service?.pre_start?.[index];
  if (service === undefined || hook === undefined) throw new Error(`service "${name}" has no pre_start[${index}]`);
  return { ...project, services: { ...project.services, [name]: hookService(name, service, hook) } };
}

function hookService(name: string, service: Service, hook: Hook): Service {
  const {
    ports: _ports,
    expose: _expose,
    healthcheck: _healthcheck,
    container_name: _containerName,
    deploy: _deploy,
    scale: _scale,
    restart: _restart,
    depends_on: _dependsOn,
    pre_start: _preStart,
    post_start: _postStart,
    pre_stop: _preStop,
    volumes: _volumes,
    mac_address: _mac,
    tty: _tty,
    stdin_open: _stdin,
    networks,
    ...rest
  } = service;
  return {
    ...rest,
    ...(hook.image === undefined ? {} : { image: hook.image }),
    command: hook.command,
    entrypoint: null,
    environment: { ...service.environment, ...hook.environment },
    privileged: hook.privileged ?? false,
    ...(hook.user === undefined ? {} : { user: hook.user }),
    ...(hook.working_dir === undefined ? {} : { working_dir: hook.working_dir }),
    healthcheck: { disable: true },
    volumes_from: [name],
    ...(networks === undefined ? {} : { networks: withoutAddresses(networks) }),
  };
}

/** A fixed address belongs to a replica. */
function withoutAddresses(networks: NonNullable<Service['networks']>): NonNullable<Service['networks']> {
  return Object.fromEntries(
    Object.entries(networks).map(([name, network]) => {
      if (network === null) return [name, null];
      const { ipv4_address: _4, ipv6_address: _6, mac_address: _mac, ...rest } = network;
      return [name, rest satisfies ServiceNetwork];
    }),
  );
}
