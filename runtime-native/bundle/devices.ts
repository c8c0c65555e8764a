import type { DeviceMapping } from '#core/model/project.ts';
import { isCdiName } from '../cdi/parse-cdi-spec.ts';
import type { OciDevice, OciDeviceRule } from './oci.ts';

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** A device node of the host, as the container is to see it. */
export interface HostDevice extends DeviceNumber {
  readonly path: string;
  readonly type: 'c' | 'b' | 'p';
  readonly fileMode: number;
  readonly uid: number;
  readonly gid: number;
  readonly access: string;
}

/** Docker's default device rules: nothing, then mknod of everything and the harmless pseudo devices. */
const defaultRules: readonly OciDeviceRule[] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...[
    [1, 3],
    [1, 5],
    [1, 7],
    [1, 8],
    [1, 9],
    [5, 0],
    [5, 1],
    [5, 2],
  ].map(([major = 0, minor = 0]) => ({ allow: true, type: 'c', major, minor, access: 'rwm' })),
  { allow: true, type: 'c', major: 136, access: 'rwm' },
];

export interface DeviceRequest {
  readonly privileged: boolean;
  readonly devices: readonly HostDevice[];
  /** `device_cgroup_rules` as written: `c 10:* rwm`. */
  readonly rules: readonly string[];
}

/** Device nodes to make and rules of the device cgroup, in order. */
export function containerDevices(request: DeviceRequest): { nodes: readonly OciDevice[]; rules: readonly OciDeviceRule[] } {
  const nodes = request.devices.map(({ access: _, ...node }): OciDevice => node);
  if (request.privileged) return { nodes, rules: [{ allow: true, access: 'rwm' }] };
  const mapped = request.devices
    .filter((one) => one.type !== 'p' && one.access !== '')
    .map(({ type, major, minor, access }): OciDeviceRule => ({ allow: true, type, major, minor, access }));
  return { nodes, rules: [...defaultRules, ...mapped, ...request.rules.flatMap((text) => parseDeviceRule(text) ?? [])] };
}

/** A rule such as `c 1:3 mr`, `b 8:* rwm`, `a *:* rwm`; undefined when it is none. */
export function parseDeviceRule(text: string): OciDeviceRule | undefined {
  const match = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text.trim());
  if (match === null) return undefined;
  const [, type = 'a', major = '*', minor = '*', access = ''] = match;
  if (type === 'a') return { allow: true, access };
  return {
    allow: true,
    type,
    ...(major === '*' ? {} : { major: Number(major) }),
    ...(minor === '*' ? {} : { minor: Number(minor) }),
    access,
  };
}

/** Whether a mapping names a device of the Container Device Interface: `vendor.com/class=name`. */
export function isCdiDevice(mapping: DeviceMapping): boolean {
  return mapping.source === mapping.target && isCdiName(mapping.source);
}
