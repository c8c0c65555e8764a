import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceMapping } from '#core/model/project.ts';
import type { DeviceNumber, HostDevice } from '../bundle/devices.ts';

const modeBits = 0o7777;

/** Device nodes that a mapping names: one node, or all below a directory. Empty when there is none. */
export function devicesOf(mapping: DeviceMapping): readonly HostDevice[] {
  if (statSync(mapping.source, { throwIfNoEntry: false })?.isDirectory()) {
    return readdirSync(mapping.source).flatMap((name) =>
      devicesOf({ ...mapping, source: join(mapping.source, name), target: join(mapping.target, name) }),
    );
  }
  const node = deviceNode(mapping.source);
  return node === undefined || node.type === 'p' ? [] : [{ path: mapping.target, ...node, access: mapping.permissions || 'rwm' }];
}

/** The device node or pipe at a host path, symbolic links followed; undefined when it is none. */
export function deviceNode(path: string): Omit<HostDevice, 'path' | 'access'> | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  const type = stats?.isBlockDevice() ? 'b' : stats?.isCharacterDevice() ? 'c' : stats?.isFIFO() ? 'p' : undefined;
  if (stats === undefined || type === undefined) return undefined;
  return { type, ...splitDevice(stats.rdev), fileMode: stats.mode & modeBits, uid: stats.uid, gid: stats.gid };
}

/** All device nodes of the host, for privileged containers; terminals and what the runtime makes itself are left out. */
export function allDevices(): readonly HostDevice[] {
  const own = new Set([
    'pts',
    'shm',
    'mqueue',
    'fd',
    'console',
    'ptmx',
    '.lxc',
    '.lxd-mounts',
    '.udev',
    'null',
    'zero',
    'full',
    'random',
    'urandom',
    'tty',
  ]);
  return readdirSync('/dev')
    .filter((name) => !own.has(name))
    .flatMap((name) => devicesOf({ source: `/dev/${name}`, target: `/dev/${name}` }));
}

/** Number of the block device at a host path; undefined when it is none. */
export function deviceNumber(path: string): DeviceNumber | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isBlockDevice() ? splitDevice(stats.rdev) : undefined;
}

/** As glibc's gnu_dev_major and gnu_dev_minor. */
function splitDevice(device: number): DeviceNumber {
  const value = BigInt(device);
  const major = ((value >> 8n) & 0xfffn) | ((value >> 32n) & ~0xfffn);
  const minor = (value & 0xffn) | ((value >> 12n) & ~0xffn & 0xffffffffn);
  return { major: Number(major), minor: Number(minor) };
}
