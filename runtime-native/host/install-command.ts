import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What we may ask a distribution for: the first three to run containers, the rest to build our programs from source. */
export type Requirement = 'crun' | 'nftables' | 'iproute2' | 'tini' | 'make' | 'gcc' | 'libc' | 'zlib' | 'zstd';

interface Packager {
  readonly command: string;
  /** Before `command` where the package lists are absent or old. */
  readonly refresh?: string;
  /** Where a distribution has another name for the package. */
  readonly names: Partial<Record<Requirement, string>>;
}

const debian: Packager = {
  command: 'apt-get install -y',
  refresh: 'apt-get update',
  names: { libc: 'libc6-dev', zlib: 'zlib1g-dev', zstd: 'libzstd-dev' },
};
const fedora: Packager = {
  command: 'dnf install -y',
  names: { iproute2: 'iproute', libc: 'glibc-devel', zlib: 'zlib-devel', zstd: 'libzstd-devel' },
};
const suse: Packager = {
  command: 'zypper --non-interactive install',
  names: { libc: 'glibc-devel', zlib: 'zlib-devel', zstd: 'libzstd-devel' },
};

const packagers: Readonly<Record<string, Packager>> = {
  debian,
  ubuntu: debian,
  fedora,
  rhel: fedora,
  centos: fedora,
  arch: { command: 'pacman -S --noconfirm', names: { libc: 'glibc' } },
  alpine: { command: 'apk add', names: { libc: 'musl-dev linux-headers', zlib: 'zlib-dev', zstd: 'zstd-dev' } },
  suse,
  opensuse: suse,
};

export interface PackageState {
  /** Content of /etc/os-release. */
  readonly osRelease: string;
  /** The package lists are absent or old: what they name may be gone. */
  readonly needsRefresh: boolean;
}

/** The command that installs a requirement on the distribution at hand; undefined for an unknown one. */
export function installCommand({ osRelease, needsRefresh }: PackageState, requirement: Requirement): string | undefined {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? '';
  const candidates = [value('ID'), ...value('ID_LIKE').split(' ')].map((one) => one.replace(/^opensuse-.*$/, 'opensuse'));
  const packager = candidates.map((one) => packagers[one]).find((one) => one !== undefined);
  if (packager === undefined) return undefined;
  const refresh = needsRefresh && packager.refresh !== undefined ? `${packager.refresh} && ` : '';
  return `${refresh}${packager.command} ${packager.names[requirement] ?? requirement}`;
}

const listsAreOldAfterMs = 24 * 3_600_000;

/** Whether apt's package lists in `directory` are absent (container and cloud images ship none) or older than a day. */
export function aptNeedsRefresh(directory = '/var/lib/apt/lists'): boolean {
  try {
    const lists = readdirSync(directory).filter((name) => /_(Packages|InRelease)(\.|$)/.test(name));
    return !lists.some((name) => Date.now() - statSync(join(directory, name)).mtimeMs < listsAreOldAfterMs);
  } catch {
    // No such directory: another distribution, or nothing fetched yet.
    return true;
  }
}
