import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { Service } from '#core/model/project.ts';
import { isCdiDevice } from '../bundle/devices.ts';
import { keyName, placed } from '../bundle/refusal.ts';
import type { StoredContainer } from '../containers/stored-container.ts';
import type { HostFacts } from '../host/host-facts.ts';
import { type DeviceEdits, type ResolvedDevices, resolveDevices } from './device-edits.ts';
import type { CdiRegistry } from './read-cdi-registry.ts';

const mostNamed = 10;

/** Why the machine cannot give a service the devices it asks for by the Container Device Interface. */
export function refusedDevices(serviceName: string, service: Service, facts: Pick<HostFacts, 'cdi'>): readonly Diagnostic[] {
  if (!asksForDevices(service)) return [];
  const registry = facts.cdi();
  return deviceDiagnostics(serviceName, resolveDevices(service, { registry, user: { uid: 0, gid: 0 } }), registry);
}

/** What the devices of a container change in its bundle, as far as the machine still offers them; undefined when it has none. */
export function deviceEdits({ spec, user }: StoredContainer, facts: Pick<HostFacts, 'cdi'>): DeviceEdits | undefined {
  if (!asksForDevices(spec.service)) return undefined;
  return resolveDevices(spec.service, { registry: facts.cdi(), user }).edits;
}

function asksForDevices(service: Service): boolean {
  const reserved = service.deploy?.resources.reservations?.devices ?? [];
  return (service.devices ?? []).some(isCdiDevice) || (service.gpus ?? []).length > 0 || reserved.length > 0;
}

function deviceDiagnostics(service: string, resolved: ResolvedDevices, registry: CdiRegistry): readonly Diagnostic[] {
  const { directories, faults } = registry;
  const names = [...registry.devices.keys()];
  const offered = names.length > mostNamed ? [...names.slice(0, mostNamed), `${names.length - mostNamed} more`] : names;
  const found = resolved.faults.map(({ key, reason }) =>
    placed(diagnose('engine.unsupported-attribute', { service, key: keyName(key), reason }), service, key),
  );
  for (const { key, name } of resolved.missing)
    found.push(placed(diagnose('engine.device-not-offered', { service, device: name, offered, directories }), service, key));
  const [first] = found;
  if (first === undefined || faults.length === 0) return found;
  // A file that cannot be read may be the one that was meant.
  const broken = faults.map(({ path, reason }) => `${path} cannot be used: ${reason}`).join('; ');
  return found.map((one) => ({ ...one, hint: one.hint === undefined ? broken : `${one.hint}; ${broken}` }));
}
