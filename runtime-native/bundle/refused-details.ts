import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ContainerSpec } from '#core/engine/specs.ts';
import { refusedEndpointOption } from '../network/endpoints.ts';
import { unknownCapabilities } from './capabilities.ts';
import type { CgroupFacts } from './cgroups.ts';
import { isCdiDevice, parseDeviceRule } from './devices.ts';
import { logConfig } from './logging.ts';
import { unknownUlimits } from './process.ts';
import { restartPolicy } from './restart.ts';
import { securityOptions } from './security.ts';
import { signalNumber } from './signals.ts';

export interface DetailFacts {
  readonly cgroups: CgroupFacts;
  readonly hasInit: boolean;
  readonly hasAppArmor: boolean;
}

/** Values that attributes which are enforced cannot have here: all mistakes of a container at once. */
export function refusedDetails(spec: ContainerSpec, facts: DetailFacts): readonly Diagnostic[] {
  const { service, serviceName } = spec;
  const found: Diagnostic[] = [];
  const unsupported = (key: string, reason: string) =>
    void found.push(diagnose('engine.unsupported-attribute', { service: serviceName, key, reason }));
  const invalid = (key: string, reason: string) =>
    void found.push(diagnose('engine.invalid-attribute', { service: serviceName, key, reason }));
  const only = (key: 'cgroup' | 'ipc' | 'isolation' | 'pid' | 'userns_mode' | 'uts', values: RegExp, reason: string) => {
    const value = service[key];
    if (value && !values.test(value)) unsupported(key, reason);
  };

  only('cgroup', /^(host|private)$/, 'it must be "host" or "private"');
  only(
    'ipc',
    /^(none|private|shareable|host|service:.+|container:.+)$/,
    'it is none of private, shareable, host, none, service:…',
  );
  only('isolation', /^default$/, 'it only exists for Windows containers');
  only('pid', /^(host|service:.+|container:.+)$/, 'it is none of host, service:…, container:…');
  only('userns_mode', /^host$/, 'user namespaces are not remapped; only "host" is possible');
  only('uts', /^host$/, 'only "host" is possible');
  if (service.ipc === 'shareable' && service.shm_size)
    unsupported('shm_size', 'shared memory that others join has no size limit');

  for (const key of Object.keys(service.annotations ?? {})) {
    if (key.startsWith('run.oci.')) unsupported(`annotations.${key}`, 'it would change how the runtime confines the container');
  }
  for (const name of unknownCapabilities(service.cap_add ?? [])) invalid('cap_add', `there is no capability "${name}"`);
  for (const name of unknownCapabilities(service.cap_drop ?? [])) invalid('cap_drop', `there is no capability "${name}"`);
  for (const name of unknownUlimits(service.ulimits)) invalid(`ulimits.${name}`, 'there is no such limit');
  for (const device of service.devices ?? []) {
    if (isCdiDevice(device))
      unsupported('devices', `"${device.source}" needs the Container Device Interface, which is not built`);
  }
  for (const rule of service.device_cgroup_rules ?? []) {
    if (parseDeviceRule(rule) === undefined) invalid('device_cgroup_rules', `"${rule}" is not a rule such as "c 10:* rwm"`);
  }
  if (restartPolicy(service) === undefined) {
    invalid('restart', `"${service.restart}" is none of no, always, unless-stopped, on-failure[:<number>]`);
  }
  if (service.stop_signal && signalNumber(service.stop_signal) === undefined)
    invalid('stop_signal', `there is no signal "${service.stop_signal}"`);
  const log = logConfig(service.logging, { path: '', name: '', id: '' });
  if ('error' in log) unsupported(log.key, log.error);
  if (service.init && !facts.hasInit) unsupported('init', 'no static init program is installed (package "tini")');

  resourceDetails(spec, { facts, unsupported });
  securityDetails(spec, { facts, unsupported });
  networkDetails(spec, unsupported);
  for (const mount of spec.mounts) {
    if (mount.type === 'bind' && /^r?shared$/.test(mount.propagation ?? '')) {
      unsupported('volumes', `propagation "${mount.propagation}" back to the host is not possible; use "rslave"`);
    }
  }
  return found;
}

type Report = (key: string, reason: string) => void;

function resourceDetails({ service }: ContainerSpec, { facts, unsupported }: { facts: DetailFacts; unsupported: Report }): void {
  const isUnified = facts.cgroups.mode === 'v2';
  if (service.deploy?.resources.reservations?.devices?.length) {
    unsupported('deploy.resources.reservations.devices', 'GPU device requests are not built');
  }
  if (service.blkio_config?.weight && !facts.cgroups.hasBlkioWeight) {
    unsupported('blkio_config.weight', 'this kernel has no I/O weights');
  }
  if (service.blkio_config?.weight_device?.length && !facts.cgroups.hasBlkioWeight) {
    unsupported('blkio_config.weight_device', 'this kernel has no I/O weights');
  }
  if (!isUnified) return;
  if (service.cpu_rt_period || service.cpu_rt_runtime) unsupported('cpu_rt_runtime', 'cgroups v2 have no real-time limits');
  if (service.mem_swappiness) unsupported('mem_swappiness', 'cgroups v2 have no swappiness');
  if (service.oom_kill_disable) unsupported('oom_kill_disable', 'cgroups v2 cannot disable the OOM killer');
}

function securityDetails({ service }: ContainerSpec, { facts, unsupported }: { facts: DetailFacts; unsupported: Report }): void {
  const security = securityOptions(service);
  for (const option of security.unknown) unsupported('security_opt', `"${option}" is not known`);
  for (const label of security.labels) {
    if (label !== 'disable') unsupported('security_opt', 'SELinux labels are not applied; only "label=disable" is possible');
  }
  if (security.apparmor !== undefined && security.apparmor !== 'unconfined' && !facts.hasAppArmor) {
    unsupported('security_opt', `the AppArmor profile "${security.apparmor}" needs AppArmor, which this kernel does not run`);
  }
  if (security.seccomp !== undefined && !/^(unconfined|\/|\{)/.test(security.seccomp)) {
    unsupported('security_opt', `the seccomp profile "${security.seccomp}" is not an absolute path`);
  }
}

function networkDetails({ service, endpoints }: ContainerSpec, unsupported: Report): void {
  if (service.network_mode === 'host' && Object.keys(service.sysctls ?? {}).some((key) => key.startsWith('net.'))) {
    unsupported('sysctls', 'with "network_mode: host" the settings under "net." would be the host\'s');
  }
  for (const endpoint of endpoints) {
    for (const address of endpoint.linkLocalAddresses ?? []) {
      if (!/^169\.254\.\d+\.\d+$|^fe[89ab][0-9a-f]:[0-9a-f:]*$/i.test(address))
        unsupported('networks.*.link_local_ips', `"${address}" is not a link-local address (169.254.0.0/16, fe80::/10)`);
    }
    for (const [option, value] of Object.entries(endpoint.driverOpts ?? {})) {
      const reason = refusedEndpointOption(option, value);
      if (reason !== undefined) unsupported('networks.*.driver_opts', reason);
    }
  }
}
