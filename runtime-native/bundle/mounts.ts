import { posix } from 'node:path';
import type { Service } from '#core/model/project.ts';
import { byteCount } from '#core/model/units.ts';
import type { StoredFile, StoredMount } from '../containers/stored-container.ts';
import type { OciMount } from './oci.ts';

const defaultShmBytes = 67_108_864;

/** Host paths that back a container's mounts; all decided by the engine before the bundle is written. */
export interface MountFacts {
  readonly hosts: string;
  readonly hostname: string;
  readonly resolvConf: string;
  /** Host directory shared as /dev/shm (`ipc: shareable`, `ipc: host`, or the other container's); absent: a tmpfs of its own. */
  readonly shm?: string;
  /** Absolute host source of a volume or image mount, by target. */
  readonly sources: Readonly<Record<string, string>>;
  readonly init?: string;
  /** Mounts of the service's CDI devices; they cover others at the same place. */
  readonly ofDevices?: readonly OciMount[];
}

/** Where an init program appears in the container, as with Docker. */
export const initTarget = '/sbin/docker-init';

/** All mounts in the order the runtime makes them: kernel file systems, then the user's by depth, files last. */
export function containerMounts(request: {
  readonly service: Service;
  readonly mounts: readonly StoredMount[];
  readonly files: readonly StoredFile[];
  readonly facts: MountFacts;
}): readonly OciMount[] {
  const { service, mounts, files, facts } = request;
  const ofDevices = facts.ofDevices ?? [];
  const covered = new Set(ofDevices.map((one) => one.destination));
  const written = [
    ...mounts.flatMap((one) => userMount(one, facts)),
    ...(service.tmpfs ?? []).map(tmpfsOf),
    ...files.map(
      (one): OciMount => ({ destination: one.target, type: 'bind', source: one.path, options: ['rbind', 'rprivate', 'ro'] }),
    ),
  ];
  const user = [...written.filter((one) => !covered.has(one.destination)), ...ofDevices];
  const targets = new Set(user.map((one) => one.destination));
  const own = [...kernelMounts(service, facts), ...engineFiles(service, facts)].filter((one) => !targets.has(one.destination));
  const ordered = user.toSorted((a, b) => depth(a.destination) - depth(b.destination));
  return [
    ...own,
    ...ordered.filter((one) => !isInProc(one.destination)),
    procMount,
    ...ordered.filter((one) => isInProc(one.destination)),
  ];
}

/**
 * Made after the user's mounts: what a link of an image or a volume leads there is covered by it, so that the runtime never writes its
 * settings and labels into a /proc of an attacker's making (CVE-2025-52881).
 */
const procMount: OciMount = { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] };

function isInProc(target: string): boolean {
  return posix.normalize(target).startsWith('/proc/');
}

/** Paths in the container where something is mounted, also what only some starts mount. */
export function mountTargets(request: {
  readonly service: Service;
  readonly mounts: readonly StoredMount[];
  readonly files: readonly StoredFile[];
}): readonly string[] {
  const { service, mounts, files } = request;
  const facts: MountFacts = { hosts: '', hostname: '', resolvConf: '', init: initTarget, sources: {} };
  const own = [...kernelMounts(service, facts), ...engineFiles(service, facts), ...(service.tmpfs ?? []).map(tmpfsOf)];
  return [...own.map((one) => one.destination), ...[...mounts, ...files].map((one) => one.target)];
}

function kernelMounts(service: Service, facts: MountFacts): readonly OciMount[] {
  const readOnly = service.privileged ? [] : ['ro'];
  const mounts: OciMount[] = [
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', ...readOnly] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', ...readOnly] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  ];
  if (service.ipc === 'none') return mounts;
  const size = service.shm_size === undefined ? defaultShmBytes : byteCount(service.shm_size) || defaultShmBytes;
  const shm: OciMount =
    facts.shm === undefined
      ? {
          destination: '/dev/shm',
          type: 'tmpfs',
          source: 'shm',
          options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${size}`],
        }
      : { destination: '/dev/shm', type: 'bind', source: facts.shm, options: ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev'] };
  return [...mounts, shm];
}

function engineFiles(service: Service, facts: MountFacts): readonly OciMount[] {
  const options = ['rbind', 'rprivate', ...(service.read_only ? ['ro'] : [])];
  const files: OciMount[] = [
    { destination: '/etc/resolv.conf', type: 'bind', source: facts.resolvConf, options },
    { destination: '/etc/hostname', type: 'bind', source: facts.hostname, options },
    { destination: '/etc/hosts', type: 'bind', source: facts.hosts, options },
  ];
  if (facts.init !== undefined) {
    files.push({ destination: initTarget, type: 'bind', source: facts.init, options: ['bind', 'rprivate', 'ro'] });
  }
  return files;
}

function userMount(mount: StoredMount, facts: MountFacts): readonly OciMount[] {
  switch (mount.type) {
    case 'bind': {
      const bind = mount.recursive === 'disabled' ? 'bind' : 'rbind';
      const readOnly = mount.readOnly ? [mount.recursive === 'readonly' ? 'rro' : 'ro'] : [];
      const propagation = mount.propagation === undefined || mount.propagation === '' ? 'rprivate' : mount.propagation;
      const source = facts.sources[mount.target] ?? mount.source;
      return [{ destination: mount.target, type: 'bind', source, options: [bind, propagation, ...readOnly] }];
    }
    case 'volume':
    case 'image': {
      const source = facts.sources[mount.target];
      if (source === undefined) throw new Error(`no source was prepared for the mount at ${mount.target}`);
      const readOnly = mount.type === 'image' || mount.readOnly;
      return [{ destination: mount.target, type: 'bind', source, options: ['rbind', 'rprivate', ...(readOnly ? ['ro'] : [])] }];
    }
    case 'tmpfs': {
      const options = ['nosuid', 'nodev', 'noexec', ...(mount.options ?? [])];
      if (mount.sizeBytes !== undefined) options.push(`size=${mount.sizeBytes}`);
      options.push(`mode=${(mount.mode ?? 0o1777).toString(8)}`);
      if (mount.readOnly) options.push('ro');
      return [{ destination: mount.target, type: 'tmpfs', source: 'tmpfs', options }];
    }
  }
}

/** The short form `path[:options]` of `tmpfs`. */
function tmpfsOf(text: string): OciMount {
  const end = text.indexOf(':');
  const target = end === -1 ? text : text.slice(0, end);
  const options =
    end === -1
      ? []
      : text
          .slice(end + 1)
          .split(',')
          .filter(Boolean);
  const base = ['nosuid', 'nodev', 'noexec'].filter((one) => !options.includes(one.slice(2)));
  const mode = options.some((one) => one.startsWith('mode=')) ? [] : ['mode=1777'];
  return { destination: target, type: 'tmpfs', source: 'tmpfs', options: [...base, ...mode, ...options] };
}

function depth(path: string): number {
  return path.split('/').filter(Boolean).length;
}
