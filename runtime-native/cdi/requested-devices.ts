import type { DeviceRequest, Service } from '#core/model/project.ts';
import { isCdiDevice } from '../bundle/devices.ts';
import { isCdiName } from './parse-cdi-spec.ts';
import type { CdiRegistry } from './read-cdi-registry.ts';

/** A device that a service names, with the attribute (members after dots) that does. */
export interface RequestedDevice {
  readonly key: string;
  readonly name: string;
}

export interface RequestFault {
  readonly key: string;
  readonly reason: string;
}

/** Which vendor a driver or a capability stands for. */
const vendors: Readonly<Record<string, string>> = { nvidia: 'nvidia.com', amd: 'amd.com', intel: 'intel.com' };

/** Words that say what a GPU is used for; a specification gives all of it. */
const gpuUses = new Set('gpu compute compat32 graphics utility video display ngx'.split(' '));

/**
 * The devices of the Container Device Interface that `devices`, `gpus` and `deploy.resources.reservations.devices` of a service mean, as
 * full names, and requests that mean none. As Docker with CDI, GPUs are `<vendor>/gpu=…`.
 */
export function requestedDevices(
  service: Service,
  registry: CdiRegistry,
): { readonly devices: readonly RequestedDevice[]; readonly faults: readonly RequestFault[] } {
  const devices: RequestedDevice[] = [];
  const faults: RequestFault[] = [];
  for (const [index, mapping] of (service.devices ?? []).entries()) {
    if (isCdiDevice(mapping)) devices.push({ key: `devices.${index}`, name: mapping.source });
  }
  const add = (key: string, request: DeviceRequest, isGpu: boolean): void => {
    const answer = answerRequest(request, isGpu, registry);
    if ('reason' in answer) faults.push({ key, reason: answer.reason });
    else for (const name of answer.names) devices.push({ key, name });
  };
  for (const [index, request] of (service.gpus ?? []).entries()) add(`gpus.${index}`, request, true);
  const reserved = service.deploy?.resources.reservations?.devices ?? [];
  for (const [index, request] of reserved.entries()) add(`deploy.resources.reservations.devices.${index}`, request, false);
  return { devices, faults };
}

type Answer = { readonly names: readonly string[] } | { readonly reason: string };

function answerRequest(request: DeviceRequest, isGpu: boolean, registry: CdiRegistry): Answer {
  const { driver = '', capabilities = [], device_ids: ids = [], options = {} } = request;
  if (Object.keys(options).length > 0) return { reason: '"options" are for a driver; a CDI specification takes none' };
  if (driver === 'cdi') {
    if (ids.length === 0) return { reason: 'the driver "cdi" needs names such as "vendor.com/class=name" in "device_ids"' };
    const bad = ids.find((one) => !isCdiName(one));
    return bad === undefined ? { names: ids } : { reason: `"${bad}" is no name such as "vendor.com/class=name"` };
  }
  if (driver !== '' && vendors[driver] === undefined)
    return { reason: `there is no driver "${driver}"; it is one of cdi, ${Object.keys(vendors).join(', ')}` };
  const strange = capabilities.find((one) => !gpuUses.has(one) && vendors[one] === undefined);
  if (
    strange !== undefined ||
    !(isGpu || driver !== '' || capabilities.some((one) => one === 'gpu' || vendors[one] !== undefined))
  ) {
    const what = strange === undefined ? 'without the capability "gpu"' : `with the capability "${strange}"`;
    return { reason: `no driver has devices ${what}; name the device: driver "cdi" and its CDI name in "device_ids"` };
  }
  const named = driver || capabilities.find((one) => vendors[one] !== undefined);
  const kind = named === undefined ? gpuKind(registry) : { kind: `${vendors[named]}/gpu` };
  if ('reason' in kind) return kind;
  if (ids.length > 0) return { names: ids.map((one) => (isCdiName(one) ? one : `${kind.kind}=${one}`)) };
  return { names: countDevices(kind.kind, request.count ?? -1, registry) };
}

/** The kind of the machine's GPUs, when the file does not say whose. */
function gpuKind({ devices }: CdiRegistry): { readonly kind: string } | { readonly reason: string } {
  const kinds = [...new Set([...devices.values()].map(({ spec }) => spec.kind).filter((one) => one.endsWith('/gpu')))];
  const known = Object.values(vendors).map((vendor) => `${vendor}/gpu`);
  const kind = known.find((one) => kinds.includes(one)) ?? kinds[0] ?? known[0] ?? '';
  if (known.includes(kind) || kinds.length < 2) return { kind };
  return { reason: `several vendors offer GPUs (${kinds.join(', ')}); name them: driver "cdi" and CDI names in "device_ids"` };
}

/** The first `count` devices; all for -1. A device has its number as a name, often also a serial name, and one called `all`. */
function countDevices(kind: string, count: number, { devices }: CdiRegistry): readonly string[] {
  const all = `${kind}=all`;
  const names = [...devices.keys()].filter((one) => one.startsWith(`${kind}=`) && one !== all);
  const numbers = names.filter((one) => /=\d+$/.test(one));
  const single = numbers.length > 0 ? numbers : names;
  if (count < 0) return devices.has(all) || single.length === 0 ? [all] : single;
  // What is not there is asked for by its number, to be refused by name.
  return Array.from({ length: count }, (_, index) => single[index] ?? `${kind}=${index}`);
}
