import { type Catalogue, diagnoser, entry } from '../diagnostics/diagnostic.ts';

/** Everything an engine may refuse; `supervisor.*` is what goes wrong between the engine and its native processes. */
const catalogue = {
  'engine.name-taken': entry<{ kind: 'container' | 'network' | 'volume'; name: string; holder?: string }>({
    severity: 'error',
    message: ({ kind, name, holder }) => `the ${kind} name "${name}" is taken${holder === undefined ? '' : ` by ${holder}`}`,
    hint: ({ kind }) => `remove or rename the other ${kind}`,
  }),
  'engine.container-not-found': entry<{ id: string }>({
    severity: 'error',
    message: ({ id }) => `there is no container "${id}"`,
    hint: () => 'list the containers with "tscompose ps --all"',
  }),
  'engine.container-running': entry<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `container "${name}" is running and cannot be removed`,
    hint: () => 'stop it first',
  }),
  /** A container does not wait for those who attach to it later: who is 4 MiB behind is left out. With `run` the process waits for its reader. */
  'engine.reader-too-slow': entry<{ name: string }>({
    severity: 'error',
    message: (p) => `the output of container "${p.name}" was not read fast enough, and the connection was given up`,
    hint: () => 'the container runs on, and its log has everything: "logs --follow"',
  }),
  'engine.container-not-running': entry<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `container "${name}" is not running`,
    hint: () => 'start it first',
  }),
  'engine.network-not-found': entry<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `there is no network "${name}"`,
    hint: () => 'create it, or remove "external: true" so that the project makes its own',
  }),
  'engine.network-in-use': entry<{ name: string; containers: readonly string[] }>({
    severity: 'error',
    message: ({ name, containers }) => `network "${name}" is used by ${containers.join(', ')}`,
    hint: () => 'remove these containers first',
  }),
  'engine.volume-not-found': entry<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `there is no volume "${name}"`,
    hint: () => 'create it, or remove "external: true" so that the project makes its own',
  }),
  'engine.volume-in-use': entry<{ name: string; containers: readonly string[] }>({
    severity: 'error',
    message: ({ name, containers }) => `volume "${name}" is used by ${containers.join(', ')}`,
    hint: () => 'remove these containers first',
  }),
  'engine.invalid-name': entry<{ kind: string; name: string }>({
    severity: 'error',
    message: ({ kind, name }) => `"${name}" is not a valid ${kind} name`,
    hint: () => 'use letters, digits, "_", "." and "-", starting with a letter or digit',
  }),
  'engine.image-not-found': entry<{ reference: string }>({
    severity: 'error',
    message: ({ reference }) => `there is no local image "${reference}"`,
    hint: () => 'fetch it with "tscompose pull", or bring it with "tscompose image load" or "image import"',
  }),
  'engine.device-not-offered': entry<{
    service: string;
    device: string;
    offered: readonly string[];
    directories: readonly string[];
  }>({
    severity: 'error',
    message: ({ service, device }) => `service "${service}": this machine offers no device "${device}"`,
    hint: ({ offered, directories }) =>
      offered.length === 0
        ? `no specification of the Container Device Interface in ${directories.join(' or ')} offers any; the tool of the vendor writes one, such as "nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml"`
        : `it offers ${offered.join(', ')}`,
  }),
  'engine.image-in-use': entry<{ reference: string; containers: readonly string[] }>({
    severity: 'error',
    message: ({ reference, containers }) => `image "${reference}" is used by ${containers.join(', ')}`,
    hint: () => 'remove these containers first',
  }),
  'engine.image-invalid': entry<{ source: string; reason: string }>({
    severity: 'error',
    message: ({ source, reason }) => `"${source}" is not a usable image: ${reason}`,
  }),
  'engine.invalid-reference': entry<{ reference: string; reason: string }>({
    severity: 'error',
    message: ({ reference, reason }) => `"${reference}" is not an image reference: ${reason}`,
  }),
  'engine.pull-failed': entry<{ reference: string; reason: string; advice?: string | undefined }>({
    severity: 'error',
    message: ({ reference, reason }) => `cannot pull "${reference}": ${reason}`,
    hint: ({ advice }) =>
      advice ?? 'check the name and your access, or bring the image with "tscompose image load" or "image import"',
  }),
  'engine.mirror-failed': entry<{ mirror: string; registry: string; reason: string }>({
    severity: 'warning',
    message: ({ mirror, registry, reason }) => `the mirror "${mirror}" of "${registry}" is left out: ${reason}`,
    hint: () => 'repair or remove it: "registries.mirrors", Docker\'s "registry-mirrors", or a hosts.toml of containerd',
  }),
  'engine.registry-wait': entry<{ registry: string; wait: string }>({
    severity: 'info',
    message: ({ registry, wait }) => `"${registry}" asks to wait ${wait}`,
  }),
  'engine.push-failed': entry<{ reference: string; reason: string; advice?: string | undefined }>({
    severity: 'error',
    message: ({ reference, reason }) => `cannot push "${reference}": ${reason}`,
    hint: ({ advice }) => advice ?? 'check the name and your access to the registry',
  }),
  'engine.login-failed': entry<{ registry: string; reason: string; advice?: string | undefined }>({
    severity: 'error',
    message: ({ registry, reason }) => `cannot log in to "${registry}": ${reason}`,
    hint: ({ advice }) => advice,
  }),
  'engine.user-not-found': entry<{ image: string; user: string }>({
    severity: 'error',
    message: ({ image, user }) => `image "${image}" has no user or group "${user}"`,
    hint: () => 'use a name from its /etc/passwd and /etc/group, or numbers',
  }),
  'engine.disk-full': entry<{ path: string }>({
    severity: 'error',
    message: ({ path }) => `no space left for "${path}"`,
    hint: () => 'free some space on that file system',
  }),
  'engine.state-newer': entry<{ path: string; schema: number }>({
    severity: 'error',
    message: ({ path, schema }) => `"${path}" was written by a newer tscompose (schema ${schema})`,
    hint: () => 'use that version, or "down" there before you change back',
  }),
  'engine.state-unusable': entry<{ path: string; reason: string }>({
    severity: 'error',
    message: ({ path, reason }) => `the state in "${path}" cannot be used: ${reason}`,
    hint: ({ path }) => `make "${path}" a writable directory of root, or set TSCOMPOSE_ROOT to another one`,
  }),
  'engine.start-failed': entry<{ name: string; reason: string; exit?: number }>({
    severity: 'error',
    message: ({ name, reason }) => `cannot start container "${name}": ${reason}`,
    hint: ({ exit }) => (exit === 127 ? 'check the command and the PATH of the image' : undefined),
  }),
  'engine.copy-failed': entry<{ name: string; path: string; reason: string }>({
    severity: 'error',
    message: ({ name, path, reason }) => `cannot copy "${path}" of ${name}: ${reason}`,
  }),
  'engine.provider-failed': entry<{ service: string; type: string; reason: string }>({
    severity: 'error',
    message: ({ service, type, reason }) => `service "${service}": its provider "${type}" failed: ${reason}`,
    hint: () => 'a provider is a program "docker-TYPE" among Docker\'s plugins (~/.docker/cli-plugins) or "TYPE" in PATH',
  }),
  'engine.exec-failed': entry<{ name: string; reason: string }>({
    severity: 'error',
    message: ({ name, reason }) => `cannot run a process in container "${name}": ${reason}`,
  }),
  'engine.unsupported-attribute': entry<{ service: string; key: string; reason: string }>({
    severity: 'error',
    message: ({ service, key, reason }) => `service "${service}": "${key}" is not supported here: ${reason}`,
    hint: ({ key }) => `remove "${key}" or run this service elsewhere`,
  }),
  'engine.ignored-attribute': entry<{ service: string; key: string; reason: string }>({
    severity: 'warning',
    message: ({ service, key, reason }) => `service "${service}": "${key}" has no effect here: ${reason}`,
  }),
  'engine.invalid-attribute': entry<{ service: string; key: string; reason: string }>({
    severity: 'error',
    message: ({ service, key, reason }) => `service "${service}": "${key}" cannot be used: ${reason}`,
  }),
  'engine.definition-refused': entry<{ reason: string; advice: string | undefined }>({
    severity: 'error',
    message: ({ reason }) => reason,
    hint: ({ advice }) => advice,
  }),
  'engine.unsupported-driver': entry<{ kind: 'network' | 'volume'; name: string; driver: string; supported: string }>({
    severity: 'error',
    message: ({ kind, name, driver }) => `${kind} "${name}": the driver "${driver}" is not supported`,
    hint: ({ supported }) => `use ${supported}`,
  }),
  'engine.unsupported-option': entry<{ kind: 'network' | 'volume'; name: string; option: string; reason: string }>({
    severity: 'error',
    message: ({ kind, name, option, reason }) => `${kind} "${name}": the option "${option}" is not supported: ${reason}`,
  }),
  'engine.port-taken': entry<{ name: string; port: string; holder: string }>({
    severity: 'error',
    message: ({ name, port, holder }) => `container "${name}" cannot publish ${port}: ${holder} holds it`,
    hint: () => 'stop the holder or publish another port',
  }),
  'engine.no-free-port': entry<{ name: string; range: string }>({
    severity: 'error',
    message: ({ name, range }) => `container "${name}": no free host port in ${range}`,
    hint: () => 'stop what uses these ports or widen the range',
  }),
  'engine.address-taken': entry<{ network: string; address: string; holder: string }>({
    severity: 'error',
    message: ({ network, address, holder }) => `address ${address} of network "${network}" is used by ${holder}`,
    hint: () => 'choose another address or remove the holder',
  }),
  'engine.address-outside': entry<{ network: string; address: string; subnets: string }>({
    severity: 'error',
    message: ({ network, address, subnets }) => `address ${address} is not in network "${network}" (${subnets})`,
    hint: () => 'choose an address of the subnet',
  }),
  'engine.no-free-address': entry<{ network: string; subnet: string }>({
    severity: 'error',
    message: ({ network, subnet }) => `network "${network}" has no free address left in ${subnet}`,
    hint: () => 'give the network a larger subnet under "ipam"',
  }),
  'engine.no-free-subnet': entry<{ network: string; takenBy: readonly string[] }>({
    severity: 'error',
    message: ({ network, takenBy }) =>
      `no private subnet is free for network "${network}"${takenBy.length === 0 ? '' : `; taken by ${takenBy.join(', ')}`}`,
    hint: () => 'remove networks that you do not need, or write a subnet under "ipam"',
  }),
  'engine.volume-not-transferable': entry<{ name: string; reason: string; hint?: string }>({
    severity: 'error',
    message: ({ name, reason }) => `volume "${name}" cannot be read or written as an archive: ${reason}`,
    hint: ({ hint }) => hint,
  }),
  'engine.firewall-blocks': entry<{ bridge: string; chain: string }>({
    severity: 'warning',
    message: ({ bridge, chain }) =>
      `the firewall of this machine blocks what containers on bridge "${bridge}" send and receive: chain "${chain}" refuses what it does not know`,
    hint: ({ bridge, chain }) =>
      chain.includes(' firewalld ')
        ? `firewall-cmd --permanent --zone=trusted --add-interface=${bridge} && firewall-cmd --reload`
        : `let it pass there: rules with iifname "${bridge}" accept and oifname "${bridge}" accept; a bridge that keeps its name has com.docker.network.bridge.name under driver_opts`,
  }),
  'engine.settings-invalid': entry<{ path: string; reason: string }>({
    severity: 'error',
    message: ({ path, reason }) => `the settings of this machine in ${path} cannot be used: ${reason}`,
    hint: () => 'correct the file, or remove it to have the defaults; its keys are in docs/networks.md',
  }),
  'engine.subnet-invalid': entry<{ network: string; subnet: string; reason: string }>({
    severity: 'error',
    message: ({ network, subnet, reason }) => `network "${network}": subnet "${subnet}" ${reason}`,
    hint: () => 'write a subnet such as 10.20.30.0/24 that nothing on this machine uses',
  }),
  'engine.bind-source-missing': entry<{ service: string; path: string }>({
    severity: 'error',
    message: ({ service, path }) => `service "${service}": bind source "${path}" does not exist`,
    hint: () => 'create it, or set "create_host_path: true"',
  }),
  'engine.requirement-missing': entry<{ what: string; command?: string }>({
    severity: 'error',
    message: ({ what }) => what,
    hint: ({ command }) => command,
  }),
  'engine.plain-chroot': entry<Record<string, never>>({
    severity: 'error',
    message: () => 'this is a plain chroot: "exec" into a container that runs here would enter the root of the machine',
    hint: () =>
      'enter the directory with pivot_root in a mount namespace of its own, or as a machine: systemd-nspawn -D <directory>',
  }),
  'engine.program-failed': entry<{ command: string; status: string; output: string }>({
    severity: 'error',
    message: ({ command, status, output }) => `"${command}" failed (${status})${output === '' ? '' : `: ${output}`}`,
  }),
  'engine.log-elsewhere': entry<{ name: string; driver: string }>({
    severity: 'warning',
    message: ({ name, driver }) => `container "${name}" keeps no log that could be read here: its log driver is "${driver}"`,
    hint: ({ driver }) =>
      driver === 'none' ? 'leave "logging" out to keep one' : 'take "cache-disabled" out of its "logging" to keep a copy',
  }),
  'engine.log-incomplete': entry<{ name: string; reason: string }>({
    severity: 'warning',
    message: ({ name, reason }) => `not all log lines of container "${name}" arrive where they should: ${reason}`,
    hint: () => 'see its "logging" and the log server or disk; the container goes on meanwhile',
  }),
  'engine.supervisor-killed': entry<{ name: string }>({
    severity: 'warning',
    message: ({ name }) => `the supervisor of container "${name}" was killed: what still ran of the container has been ended`,
    hint: () => '"up" or "start" run it again',
  }),
  'engine.run-directory-lost': entry<{ name: string; path: string }>({
    severity: 'warning',
    message: ({ name, path }) => `container "${name}" runs, but its directory "${path}" is gone: it is stopped`,
    hint: () => 'nothing but a reboot may empty this directory; "up" or "start" run it again',
  }),
  'supervisor.failed': entry<{ name: string; reason: string }>({
    severity: 'error',
    message: ({ name, reason }) => `the supervisor of container "${name}" refused: ${reason}`,
  }),
  'supervisor.died': entry<{ what: string }>({
    severity: 'error',
    message: ({ what }) => `${what} ended unexpectedly`,
    hint: () => 'run the command again: it repairs what was left over',
  }),
} as const satisfies Catalogue;

export const diagnose = diagnoser(catalogue);
