import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { Service } from '#core/model/project.ts';
import { placed } from './refusal.ts';

/** Service attributes without the `x-` index signature. */
export type ServiceKey = keyof {
  [K in keyof Service as string extends K ? never : K extends `x-${string}` ? never : K]: Service[K];
};

export type Support =
  /** This engine does what it says (details may still be refused by `refusedDetails`). */
  | { readonly state: 'enforced' }
  /** Not the engine's business: loader, planner, executor or command use it, or the container spec carries it resolved. */
  | { readonly state: 'elsewhere' }
  /** Without effect here; told as a notice. */
  | { readonly state: 'ignored'; readonly reason: string }
  /** Creating a container with it fails. */
  | { readonly state: 'refused'; readonly reason: string };

const enforced: Support = { state: 'enforced' };
const elsewhere: Support = { state: 'elsewhere' };
const refused = (reason: string): Support => ({ state: 'refused', reason });
const ignored = (reason: string): Support => ({ state: 'ignored', reason });

/** Every attribute of a service and what this engine makes of it. A new attribute does not compile until it is listed. */
export const serviceSupport = {
  annotations: enforced,
  attach: elsewhere,
  blkio_config: enforced,
  build: elsewhere,
  cap_add: enforced,
  cap_drop: enforced,
  cgroup: enforced,
  cgroup_parent: enforced,
  command: enforced,
  configs: elsewhere,
  container_name: elsewhere,
  cpu_count: ignored('it only exists for Windows containers'),
  cpu_percent: ignored('it only exists for Windows containers'),
  cpu_period: enforced,
  cpu_quota: enforced,
  cpu_rt_period: enforced,
  cpu_rt_runtime: enforced,
  cpu_shares: enforced,
  cpus: enforced,
  cpuset: enforced,
  credential_spec: refused('it only exists for Windows containers'),
  depends_on: elsewhere,
  deploy: enforced,
  develop: elsewhere,
  device_cgroup_rules: enforced,
  devices: enforced,
  dns: enforced,
  dns_opt: enforced,
  dns_search: enforced,
  domainname: enforced,
  entrypoint: enforced,
  environment: enforced,
  expose: enforced,
  external_links: enforced,
  extra_hosts: enforced,
  gpus: enforced,
  group_add: enforced,
  healthcheck: enforced,
  hostname: enforced,
  image: enforced,
  init: enforced,
  ipc: enforced,
  isolation: enforced,
  labels: elsewhere,
  links: elsewhere,
  logging: enforced,
  mac_address: enforced,
  mem_limit: enforced,
  mem_reservation: enforced,
  mem_swappiness: enforced,
  memswap_limit: enforced,
  models: refused('there is no model runner'),
  network_mode: enforced,
  networks: elsewhere,
  oom_kill_disable: enforced,
  oom_score_adj: enforced,
  pid: enforced,
  pids_limit: enforced,
  platform: elsewhere,
  ports: enforced,
  post_start: elsewhere,
  pre_start: elsewhere,
  pre_stop: elsewhere,
  privileged: enforced,
  profiles: elsewhere,
  provider: elsewhere,
  pull_policy: elsewhere,
  read_only: enforced,
  restart: enforced,
  runtime: enforced,
  scale: elsewhere,
  secrets: elsewhere,
  security_opt: enforced,
  shm_size: enforced,
  stdin_open: enforced,
  stop_grace_period: enforced,
  stop_signal: enforced,
  storage_opt: refused('the overlay driver has no per-container quota here'),
  sysctls: enforced,
  tmpfs: enforced,
  tty: enforced,
  ulimits: enforced,
  use_api_socket: refused('there is no Docker API socket'),
  user: enforced,
  userns_mode: enforced,
  uts: enforced,
  volumes: elsewhere,
  volumes_from: elsewhere,
  working_dir: enforced,
} as const satisfies Record<ServiceKey, Support>;

/** Diagnostics for attributes of `service` that the table refuses (errors) or ignores (warnings). */
export function checkSupport(serviceName: string, service: Service): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const [key, support] of Object.entries(serviceSupport) as readonly [ServiceKey, Support][]) {
    if (!isWritten(service[key])) continue;
    if (support.state === 'refused') {
      const told = diagnose('engine.unsupported-attribute', { service: serviceName, key, reason: support.reason });
      found.push(placed(told, serviceName, key));
    } else if (support.state === 'ignored') {
      found.push(
        placed(diagnose('engine.ignored-attribute', { service: serviceName, key, reason: support.reason }), serviceName, key),
      );
    }
  }
  const swarm = swarmKeys(service);
  if (swarm.length > 0) {
    const reason = 'it is for the scheduler of a cluster, and this is one machine';
    const told = diagnose('engine.ignored-attribute', { service: serviceName, key: swarm.join('", "'), reason });
    found.push(placed(told, serviceName, swarm[0] ?? 'deploy'));
  }
  return found;
}

/** What `deploy` says to a scheduler alone. */
function swarmKeys({ deploy }: Service): readonly string[] {
  if (deploy === undefined) return [];
  const reservations = deploy.resources.reservations;
  const written = {
    mode: deploy.mode === 'replicated' ? undefined : deploy.mode,
    endpoint_mode: deploy.endpoint_mode,
    placement: deploy.placement,
    update_config: deploy.update_config,
    rollback_config: deploy.rollback_config,
    'resources.reservations.cpus': reservations?.cpus,
    'resources.reservations.generic_resources': reservations?.generic_resources,
  };
  return Object.entries(written).flatMap(([key, value]) => (isWritten(value) ? [`deploy.${key}`] : []));
}

function isWritten(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
