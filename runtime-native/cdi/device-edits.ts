import { accessSync, constants, existsSync, statSync } from 'node:fs';
import type { Service } from '#core/model/project.ts';
import type { HostDevice } from '../bundle/devices.ts';
import type { OciHook, OciHooks, OciMount } from '../bundle/oci.ts';
import { deviceNode } from '../host/devices.ts';
import type { CdiDeviceNode, CdiEdits, CdiHookName, CdiMount } from './cdi-spec.ts';
import type { CdiRegistry, OfferedDevice } from './read-cdi-registry.ts';
import { type RequestedDevice, type RequestFault, requestedDevices } from './requested-devices.ts';

/** What the devices of a service change in its bundle. */
export interface DeviceEdits {
  readonly env: readonly string[];
  readonly nodes: readonly HostDevice[];
  readonly mounts: readonly OciMount[];
  readonly hooks: OciHooks;
  readonly groups: readonly number[];
}

export interface ResolvedDevices {
  readonly edits: DeviceEdits;
  /** Devices that the machine does not offer. */
  readonly missing: readonly RequestedDevice[];
  /** Requests that mean no device, and devices that cannot be given. */
  readonly faults: readonly RequestFault[];
}

/** Finds the devices of a service and what they need on this host. `user`: who owns device nodes that say no owner. */
export function resolveDevices(
  service: Service,
  { registry, user }: { readonly registry: CdiRegistry; readonly user: { readonly uid: number; readonly gid: number } },
): ResolvedDevices {
  const requested = requestedDevices(service, registry);
  const faults: RequestFault[] = [...requested.faults];
  const missing: RequestedDevice[] = [];
  const parts: CdiEdits[] = [];
  const seen = new Set<unknown>();
  const addOnce = (part: CdiEdits | undefined, offer: OfferedDevice, key: string): void => {
    if (part === undefined || seen.has(part)) return;
    seen.add(part);
    parts.push(part);
    faults.push(...editFaults(part).map((reason) => ({ key, reason: `${offer.path}: ${reason}` })));
  };
  for (const request of requested.devices) {
    const offer = registry.devices.get(request.name);
    const conflict = registry.conflicts.get(request.name);
    if (conflict !== undefined)
      faults.push({ key: request.key, reason: `"${request.name}" is in several files: ${conflict.join(', ')}` });
    else if (offer === undefined) missing.push(request);
    else {
      addOnce(offer.spec.containerEdits, offer, request.key);
      addOnce(offer.device.containerEdits, offer, request.key);
    }
  }
  return { edits: mergeEdits(parts, user), missing, faults };
}

function mergeEdits(parts: readonly CdiEdits[], user: { readonly uid: number; readonly gid: number }): DeviceEdits {
  const hooks: Partial<Record<CdiHookName, OciHook[]>> = {};
  for (const { hookName, ...hook } of parts.flatMap((one) => one.hooks ?? []))
    hooks[hookName] = [...(hooks[hookName] ?? []), hook];
  const nodes = parts.flatMap((one) => one.deviceNodes ?? []).flatMap((one) => hostDevice(one, user) ?? []);
  const mounts = parts.flatMap((one) => one.mounts ?? []);
  return {
    env: parts.flatMap((one) => one.env ?? []),
    nodes: [...new Map(nodes.map((one) => [one.path, one])).values()],
    mounts: [...new Map(mounts.map((one) => [one.containerPath, ociMount(one)])).values()],
    hooks,
    groups: [...new Set(parts.flatMap((one) => one.additionalGids ?? []))].filter((one) => one !== 0),
  };
}

/** A node with what the file leaves out, from the host's; undefined when the host has no such device. */
function hostDevice(node: CdiDeviceNode, user: { readonly uid: number; readonly gid: number }): HostDevice | undefined {
  const host = deviceNode(node.hostPath ?? node.path);
  const type = node.type === 'u' ? 'c' : ((node.type || host?.type) as HostDevice['type'] | undefined); // checked by the parser
  const isComplete = node.type !== undefined && (Boolean(node.major) || type === 'p');
  if (type === undefined || (!isComplete && host?.type !== type)) return undefined;
  const { major = 0, minor = 0 } = node.major ? node : (host ?? {});
  return {
    path: node.path,
    type,
    major,
    minor,
    fileMode: node.fileMode ?? host?.fileMode ?? 0o666,
    uid: node.uid ?? user.uid,
    gid: node.gid ?? user.gid,
    access: node.permissions === 'none' ? '' : node.permissions || 'rwm',
  };
}

function ociMount({ hostPath, containerPath, type = '', options = [] }: CdiMount): OciMount {
  const isBind = options.includes('bind') || options.includes('rbind');
  const needsBind = !isBind && (type === '' || type === 'bind' || type === 'none');
  return {
    destination: containerPath,
    type: isBind || needsBind ? 'bind' : type,
    source: hostPath,
    options: needsBind ? ['rbind', ...options] : options,
  };
}

/** What the host lacks for a part of a specification, or the engine does not do. */
function editFaults(edits: CdiEdits): readonly string[] {
  const nodes = (edits.deviceNodes ?? [])
    .filter((one) => hostDevice(one, { uid: 0, gid: 0 }) === undefined)
    .map((one) => `"${one.hostPath ?? one.path}" is no such device of this machine`);
  const mounts = (edits.mounts ?? [])
    .filter((one) => ociMount(one).type === 'bind' && !existsSync(one.hostPath))
    .map((one) => `"${one.hostPath}" does not exist`);
  // A startContainer hook is a program of the container.
  const hooks = (edits.hooks ?? [])
    .filter((one) => one.hookName !== 'startContainer' && !isExecutableFile(one.path))
    .map((one) => `the hook "${one.path}" is no program of this machine`);
  return [
    ...nodes,
    ...mounts,
    ...hooks,
    ...(edits.intelRdt === undefined ? [] : ['"intelRdt" (cache and memory bandwidth classes) is not built']),
    ...(edits.netDevices?.length ? ['"netDevices" (host interfaces that move into the container) is not built'] : []),
  ];
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Missing or not for us: both mean "not usable".
    return false;
  }
}
