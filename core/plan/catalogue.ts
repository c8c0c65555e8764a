import { type Catalogue, diagnoser, entry } from '../diagnostics/diagnostic.ts';

const list = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');

const catalogue = {
  'plan.no-such-service': entry<{ service: string; known: readonly string[] }>({
    severity: 'error',
    message: ({ service }) => `no such service: ${service}`,
    hint: ({ known }) => (known.length === 0 ? undefined : `services of this project: ${known.join(', ')}`),
  }),
  'plan.dependency-cycle': entry<{ services: readonly string[] }>({
    severity: 'error',
    message: ({ services }) => `dependency cycle detected: ${services.join(' -> ')}`,
    hint: () => 'remove one of these depends_on entries',
  }),
  'plan.no-image': entry<{ service: string }>({
    severity: 'error',
    message: ({ service }) => `invalid service "${service}". Must specify either image or build`,
    hint: () => 'add image: to the service',
  }),
  'plan.build-not-allowed': entry<{ service: string; image: string }>({
    severity: 'error',
    message: ({ service, image }) => `service "${service}" needs image "${image}", which is not here, and nothing may be built`,
    hint: () => 'leave --no-build out, or build it with "tscompose build"',
  }),
  'plan.image-missing': entry<{ service: string; image: string }>({
    severity: 'error',
    message: ({ service, image }) => `image "${image}" of service "${service}" is not present locally and may not be pulled`,
    hint: () => 'use --pull missing or change pull_policy',
  }),
  'plan.not-available': entry<{ service: string; key: string }>({
    severity: 'error',
    message: ({ service, key }) => `service "${service}" uses "${key}", which is not available yet`,
    hint: ({ key }) => `remove ${key} from the service`,
  }),
  'plan.external-network-missing': entry<{ network: string }>({
    severity: 'error',
    message: ({ network }) => `network ${network} declared as external, but could not be found`,
    hint: () => 'start the project that makes it first, or remove external: true',
  }),
  'plan.external-volume-missing': entry<{ volume: string }>({
    severity: 'error',
    message: ({ volume }) => `external volume "${volume}" not found`,
    hint: () => 'start the project that makes it first, or remove external: true',
  }),
  'plan.network-not-ours': entry<{ network: string; project: string }>({
    severity: 'warning',
    message: ({ network, project }) =>
      `a network with name ${network} exists but was not created for project "${project}"; it is used as it is`,
    hint: () => 'set external: true to use an existing network',
  }),
  'plan.volume-not-ours': entry<{ volume: string; project: string }>({
    severity: 'warning',
    message: ({ volume, project }) =>
      `volume "${volume}" already exists but was not created for project "${project}"; it is used as it is`,
    hint: () => 'set external: true to use an existing volume',
  }),
  'plan.volume-changed': entry<{ volume: string }>({
    severity: 'warning',
    message: ({ volume }) => `volume "${volume}" exists but doesn't match configuration in compose file; it is used as it is`,
    hint: () => 'up --yes makes it anew; its data will be lost',
  }),
  'plan.network-in-use': entry<{ network: string; containers: readonly string[] }>({
    severity: 'error',
    message: ({ network, containers }) => `network "${network}" must be made anew, but ${list(containers)} still use it`,
    hint: () => 'run up without naming services, add --remove-orphans, or stop these containers first',
  }),
  'plan.volume-in-use': entry<{ volume: string; containers: readonly string[] }>({
    severity: 'error',
    message: ({ volume, containers }) => `volume "${volume}" must be made anew, but ${list(containers)} still use it`,
    hint: () => 'run up without naming services, add --remove-orphans, or remove these containers first',
  }),
  'plan.resource-kept': entry<{ kind: 'Network' | 'Volume'; name: string; containers: readonly string[] }>({
    severity: 'warning',
    message: ({ kind, name, containers }) => `${kind} ${name}: resource is still in use by ${list(containers)}`,
    hint: () => 'down --remove-orphans also removes containers that the file does not know',
  }),
  'plan.container-name-with-replicas': entry<{ service: string; replicas: number }>({
    severity: 'error',
    message: ({ service, replicas }) =>
      `the "${service}" service is using a custom container name, which must be unique: it cannot have ${replicas} replicas`,
    hint: () => 'remove container_name to scale the service',
  }),
  'plan.name-taken': entry<{ name: string; services: readonly string[] }>({
    severity: 'error',
    message: ({ name, services }) => `container name "${name}" is wanted more than once, by ${list(services)}`,
    hint: () => 'change container_name of one of them',
  }),
  'plan.name-held': entry<{ name: string; holder: string }>({
    severity: 'error',
    message: ({ name, holder }) => `container name "${name}" is taken by a container of service "${holder}", which stays`,
    hint: () => 'add --remove-orphans if that service is gone, or change container_name',
  }),
  'plan.network-full': entry<{ network: string; containers: number; limit: string }>({
    severity: 'error',
    message: ({ network, containers, limit }) => `network "${network}" cannot hold ${containers} containers: ${limit}`,
    hint: () => 'spread the services over several networks, or start fewer replicas',
  }),
  'plan.port-clash': entry<{ port: string; services: readonly string[] }>({
    severity: 'error',
    message: ({ port, services }) => `host port ${port} is published more than once, by ${list(services)}`,
    hint: () => 'publish a different port, or leave the host port out to get a free one',
  }),
  'plan.port-replicas': entry<{ service: string; published: string; replicas: number }>({
    severity: 'error',
    message: ({ service, published, replicas }) =>
      `service "${service}" publishes host ports ${published}, too few for its ${replicas} replicas`,
    hint: () => 'publish one port, which the replicas share, a longer range, or leave the host port out to get free ones',
  }),
  'plan.port-taken': entry<{ service: string; port: string; holder: string }>({
    severity: 'error',
    message: ({ service, port, holder }) => `host port ${port} of service "${service}" is already taken by ${holder}`,
    hint: () => 'stop what holds the port, or publish another one',
  }),
  'plan.file-missing': entry<{ kind: 'config' | 'secret'; name: string; path: string; service: string }>({
    severity: 'error',
    message: ({ kind, name, path, service }) =>
      `file "${path}" of ${kind} "${name}", used by service "${service}", does not exist or is not readable`,
    hint: ({ kind }) => `create the file or change file: of the ${kind}`,
  }),
  'plan.variable-missing': entry<{ kind: 'config' | 'secret'; name: string; variable: string }>({
    severity: 'error',
    message: ({ kind, name, variable }) => `environment variable "${variable}" required by ${kind} "${name}" is not set`,
    hint: ({ variable }) => `set ${variable} in the environment or in .env`,
  }),
  'plan.file-unsupported': entry<{ kind: 'config' | 'secret'; name: string; key: string }>({
    severity: 'error',
    message: ({ kind, name, key }) => `${kind} "${name}" uses "${key}", which is only supported with Swarm`,
    hint: () => 'use file:, environment: or content: instead',
  }),
  'plan.file-owner': entry<{ kind: 'config' | 'secret'; name: string; service: string; owner: string }>({
    severity: 'error',
    message: ({ kind, name, service, owner }) => `${kind} "${name}" of service "${service}": "${owner}" is not a number`,
    hint: () => 'uid and gid are numbers: names are only known inside the image',
  }),
  'plan.orphans': entry<{ project: string; containers: readonly string[] }>({
    severity: 'warning',
    message: ({ containers }) =>
      `Found orphan containers (${containers.join(', ')}) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up`,
  }),
  'plan.provider-overrides': entry<{ provider: string; variable: string; service: string }>({
    severity: 'warning',
    message: ({ provider, variable, service }) =>
      `provider "${provider}" overrides environment variable "${variable}" in service "${service}"`,
  }),
  'plan.donor-missing': entry<{ service: string; donor: string; what: string }>({
    severity: 'error',
    message: ({ service, donor, what }) => `service "${service}" cannot share ${what} with service ${donor}: container missing`,
    hint: ({ donor }) => `give ${donor} at least one replica`,
  }),
  'plan.no-container': entry<{ service: string }>({
    severity: 'error',
    message: ({ service }) => `service "${service}" has no container to start`,
    hint: ({ service }) => `create it: tscompose up -d ${service}`,
  }),
  'plan.nothing-selected': entry<{ project: string }>({
    severity: 'error',
    message: () => 'no service selected',
    hint: () => 'enable a profile or name a service',
  }),
  'plan.nothing-to-remove': entry<{ project: string }>({
    severity: 'warning',
    message: ({ project }) => `No resource found to remove for project "${project}".`,
  }),
  'plan.nothing-to-kill': entry<{ project: string }>({ severity: 'info', message: () => 'No container to kill' }),
  'plan.nothing-stopped': entry<{ project: string }>({ severity: 'info', message: () => 'No stopped containers' }),
  'plan.dependency-exited': entry<{ container: string; exitCode: number }>({
    severity: 'error',
    message: ({ container, exitCode }) => `dependency failed to start: container ${container} exited (${exitCode})`,
    hint: () => 'see what it printed: tscompose logs',
  }),
  'plan.dependency-unhealthy': entry<{ container: string; output: string }>({
    severity: 'error',
    message: ({ container }) => `dependency failed to start: container ${container} is unhealthy`,
    hint: ({ output }) => (output === '' ? 'see what it printed: tscompose logs' : `its health check said: ${output}`),
  }),
  'plan.dependency-without-healthcheck': entry<{ container: string }>({
    severity: 'error',
    message: ({ container }) => `dependency failed to start: container ${container} has no healthcheck configured`,
    hint: () => 'add healthcheck: to the service or use condition: service_started',
  }),
  'plan.dependency-removed': entry<{ container: string }>({
    severity: 'error',
    message: ({ container }) => `dependency failed to start: container ${container} was removed`,
    hint: () => 'run the command again',
  }),
  'plan.did-not-complete': entry<{ service: string; exitCode: number }>({
    severity: 'error',
    message: ({ service, exitCode }) => `service "${service}" didn't complete successfully: exit ${exitCode}`,
    hint: ({ service }) => `see what it printed: tscompose logs ${service}`,
  }),
  'plan.await-timeout': entry<{ container: string; timeoutMs: number }>({
    severity: 'error',
    message: ({ container, timeoutMs }) =>
      `timeout waiting for dependencies: ${container} is not ready after ${timeoutMs / 1000}s`,
    hint: () => 'raise --wait-timeout, or see what it printed: tscompose logs',
  }),
  'plan.hook-failed': entry<{ service: string; hook: string; exitCode: number; output: string }>({
    severity: 'error',
    message: ({ service, exitCode, output }) =>
      `${service} hook exited with status ${exitCode}${output === '' ? '' : `: ${output.replaceAll('\n', ' ⏎ ')}`}`,
    hint: ({ hook, service }) =>
      hook === 'pre_stop'
        ? `check pre_stop of service ${service}; "tscompose kill" ends its containers without it`
        : `check ${hook} of service ${service}`,
  }),
  'plan.pre-start-failed': entry<{ service: string; index: number; exitCode: number; output: string; container: string }>({
    severity: 'error',
    message: ({ service, index, exitCode, output, container }) =>
      `service "${service}" pre_start[${index}] exited with code ${exitCode}${output === '' ? '' : `: ${output.replaceAll('\n', ' ⏎ ')}`} (hook container ${container} retained for inspection)`,
    hint: ({ service }) =>
      `see what it printed with "tscompose logs ${service}", correct it and run up again; the replicas of ${service} have not been started`,
  }),
  'plan.per-replica-hook': entry<{ service: string; index: number }>({
    severity: 'error',
    message: ({ service, index }) => `service "${service}" pre_start[${index}]: "per_replica: true" is not possible`,
    hint: () => 'a pre_start hook runs once for all replicas; do per-replica work in the entrypoint',
  }),
  'plan.optional-skipped': entry<{ service: string; cause: string }>({
    severity: 'warning',
    message: ({ service, cause }) => `optional dependency "${service}" failed to start: ${cause}`,
  }),
} as const satisfies Catalogue;

/** Diagnostics of planning and of carrying a plan out. */
export const diagnose = diagnoser(catalogue);
