import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { Service } from '#core/model/project.ts';
import { refusedEndpointOption } from '../network/endpoints.ts';
import { missingCapabilities, unknownCapabilities } from './capabilities.ts';
import { isCdiDevice, parseDeviceRule } from './devices.ts';
import { unknownUlimits } from './process.ts';
import { type DetailFacts, keyName, placed, type Report } from './refusal.ts';
import { refusedLimits } from './refused-limits.ts';
import { refusedLogging } from './refused-logging.ts';
import { refusedSecurity } from './refused-security.ts';
import { refusedTargets } from './refused-targets.ts';
import { restartPolicy } from './restart.ts';
import { signalNumber } from './signals.ts';

/** Values that attributes which are enforced cannot have here: all mistakes of a service at once. */
export function refusedDetails(serviceName: string, service: Service, facts: DetailFacts): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const tell = (code: 'engine.unsupported-attribute' | 'engine.invalid-attribute') => (key: string, reason: string) =>
    void found.push(placed(diagnose(code, { service: serviceName, key: keyName(key), reason }), serviceName, key));
  const report: Report = { unsupported: tell('engine.unsupported-attribute'), invalid: tell('engine.invalid-attribute') };
  refusedWords(service, report);
  refusedProcess(service, report, facts);
  refusedDevices(service, report, facts);
  refusedLimits(service, { report, facts });
  refusedSecurity(service, { report, facts });
  refusedNetworks(service, report);
  // The proxies of the loopback addresses know TCP and UDP.
  if (service.ports?.some((port) => port.protocol === 'sctp' && /^(127\.|::1$)/.test(port.host_ip ?? '')))
    report.unsupported('ports', 'SCTP ports cannot be published on a loopback address; name another one, or none');
  for (const [key, reason] of refusedTargets(service, service.volumes ?? [])) report.unsupported(key, reason);
  for (const [index, mount] of (service.volumes ?? []).entries()) {
    const { propagation, selinux } = mount.bind ?? {};
    if (mount.type === 'npipe') report.unsupported(`volumes.${index}`, 'named pipes only exist on Windows');
    if (mount.type === 'cluster') report.unsupported(`volumes.${index}`, 'volumes of a cluster need one; this is one machine');
    if (selinux && facts.kindOf('/sys/fs/selinux/enforce') !== 'missing')
      report.unsupported(`volumes.${index}`, 'files are not relabelled for SELinux; label them with chcon and leave "z" out');
    if (mount.type === 'bind' && /^r?shared$/.test(propagation ?? '')) {
      report.unsupported(`volumes.${index}`, `propagation "${propagation}" back to the host is not possible; use "rslave"`);
    }
  }
  return found;
}

/** Attributes of a few words. */
function refusedWords(service: Service, { unsupported }: Report): void {
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
  if (service.uts === 'host' && service.hostname) unsupported('hostname', 'with "uts: host" it would be the host\'s');
  if (service.uts === 'host' && service.domainname) unsupported('domainname', 'with "uts: host" it would be the host\'s');
}

function refusedProcess(service: Service, { unsupported, invalid }: Report, facts: DetailFacts): void {
  for (const key of Object.keys(service.annotations ?? {})) {
    if (key.startsWith('run.oci.')) unsupported(`annotations.${key}`, 'it would change how the runtime confines the container');
  }
  for (const name of unknownUlimits(service.ulimits)) invalid(`ulimits.${name}`, 'there is no such limit');
  if (restartPolicy(service) === undefined) {
    const condition = service.deploy?.restart_policy?.condition;
    if (condition === undefined)
      invalid('restart', `"${service.restart}" is none of no, always, unless-stopped, on-failure[:<number>]`);
    else invalid('deploy.restart_policy.condition', `"${condition}" is none of none, on-failure, any`);
  }
  if (service.stop_signal && signalNumber(service.stop_signal) === undefined)
    invalid('stop_signal', `there is no signal "${service.stop_signal}"`);
  refusedLogging(service, { report: { unsupported, invalid }, facts });
  if (service.init && !facts.hasInit)
    unsupported('init', 'our init was built without a static C library and none is installed (package "tini")');
}

function refusedDevices(service: Service, { unsupported, invalid }: Report, facts: DetailFacts): void {
  for (const [index, device] of (service.devices ?? []).entries()) {
    if (!isCdiDevice(device) && !/^(block|character|directory)$/.test(facts.kindOf(device.source)))
      invalid(`devices.${index}`, `"${device.source}" is no device of this machine`);
    if (!/^[rwm]*$/.test(device.permissions ?? ''))
      invalid(`devices.${index}`, `"${device.permissions}" are no permissions; they are made of r, w and m`);
  }
  for (const [index, rule] of (service.device_cgroup_rules ?? []).entries()) {
    if (parseDeviceRule(rule) === undefined)
      invalid(`device_cgroup_rules.${index}`, `"${rule}" is not a rule such as "c 10:* rwm"`);
  }
  for (const name of unknownCapabilities(service.cap_add ?? [])) invalid('cap_add', `there is no capability "${name}"`);
  for (const name of missingCapabilities(service.privileged ? [] : (service.cap_add ?? []), facts.capabilities))
    unsupported('cap_add', `this machine does not let its own root have "${name}"`);
  for (const name of unknownCapabilities(service.cap_drop ?? [])) invalid('cap_drop', `there is no capability "${name}"`);
}

function refusedNetworks(service: Service, { unsupported }: Report): void {
  if (service.network_mode === 'host' && Object.keys(service.sysctls ?? {}).some((key) => key.startsWith('net.'))) {
    unsupported('sysctls', 'with "network_mode: host" the settings under "net." would be the host\'s');
  }
  for (const [name, network] of Object.entries(service.networks ?? {})) {
    for (const [key, reason] of refusedEndpoint(network?.link_local_ips, network?.driver_opts))
      unsupported(`networks.${name}.${key}`, reason);
  }
}

/** What an endpoint cannot have: attribute and reason. */
export function refusedEndpoint(
  linkLocalAddresses: readonly string[] | undefined,
  driverOptions: Readonly<Record<string, string>> | undefined,
): readonly (readonly ['link_local_ips' | 'driver_opts', string])[] {
  const addresses = (linkLocalAddresses ?? [])
    .filter((address) => !/^169\.254\.\d+\.\d+$|^fe[89ab][0-9a-f]:[0-9a-f:]*$/i.test(address))
    .map((one) => ['link_local_ips', `"${one}" is not a link-local address (169.254.0.0/16, fe80::/10)`] as const);
  const options = Object.entries(driverOptions ?? {}).flatMap(([option, value]) => {
    const reason = refusedEndpointOption(option, value);
    return reason === undefined ? [] : [['driver_opts', reason] as const];
  });
  return [...addresses, ...options];
}
