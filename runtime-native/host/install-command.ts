/** What we may ask a distribution for. */
export type Requirement = 'crun' | 'nftables' | 'iproute2' | 'tini';

interface Packager {
  readonly command: string;
  /** Where a distribution has another name for the package. */
  readonly names?: Partial<Record<Requirement, string>>;
}

const packagers: Readonly<Record<string, Packager>> = {
  debian: { command: 'apt-get install -y' },
  ubuntu: { command: 'apt-get install -y' },
  fedora: { command: 'dnf install -y', names: { iproute2: 'iproute' } },
  rhel: { command: 'dnf install -y', names: { iproute2: 'iproute' } },
  centos: { command: 'dnf install -y', names: { iproute2: 'iproute' } },
  arch: { command: 'pacman -S --noconfirm' },
  alpine: { command: 'apk add' },
  suse: { command: 'zypper install -y' },
  opensuse: { command: 'zypper install -y' },
};

/** The command that installs a requirement on the distribution that /etc/os-release describes; undefined for an unknown one. */
export function installCommand(osRelease: string, requirement: Requirement): string | undefined {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? '';
  const candidates = [value('ID'), ...value('ID_LIKE').split(' ')].map((one) => one.replace(/^opensuse-.*$/, 'opensuse'));
  const packager = candidates.map((one) => packagers[one]).find((one) => one !== undefined);
  return packager && `${packager.command} ${packager.names?.[requirement] ?? requirement}`;
}
