import { aptNeedsRefresh } from '#runtime/host/install-command.ts';
import { findProgram } from '#runtime/host/programs.ts';

/** A program that this repository's tools run, and the Debian package that has it. */
export interface Tool {
  readonly program: string;
  readonly package: string;
}

/** What assembles base images from Debian packages. */
export const imageTools: readonly Tool[] = [
  { program: 'mmdebstrap', package: 'mmdebstrap' },
  { program: 'tar', package: 'tar' },
];

/** What tests run on the host: peers to compare with, and what test images and samples need. */
export const testTools: readonly Tool[] = [
  { program: 'runc', package: 'runc' },
  { program: 'busybox', package: 'busybox-static' },
  { program: 'ps', package: 'procps' },
  { program: 'iptables', package: 'iptables' },
  { program: 'docker-registry', package: 'docker-registry' },
  { program: 'skopeo', package: 'skopeo' },
  { program: 'ssh-agent', package: 'openssh-client' },
  { program: 'umoci', package: 'umoci' },
  { program: 'openssl', package: 'openssl' },
  { program: 'git', package: 'git' },
  { program: 'bzip2', package: 'bzip2' },
  { program: 'xz', package: 'xz-utils' },
  { program: 'python3', package: 'python3' },
];

/** What makes and runs the emulated machine of `npm run test:vm`. */
export const machineTools: readonly Tool[] = [
  { program: 'qemu-system-x86_64', package: 'qemu-system-x86' },
  { program: 'cpio', package: 'cpio' },
  { program: 'busybox', package: 'busybox-static' },
  { program: 'mke2fs', package: 'e2fsprogs' },
  { program: 'depmod', package: 'kmod' },
];

/**
 * The command that installs the missing ones of these tools, undefined when all are there. Throws on a machine without
 * apt, naming the programs.
 */
export function installToolsCommand(tools: readonly Tool[]): string | undefined {
  const missing = tools.filter(({ program }) => findProgram(program) === undefined);
  if (missing.length === 0) return undefined;
  if (findProgram('apt-get') === undefined) {
    throw new Error(`install these programs first: ${missing.map(({ program }) => program).join(', ')}`);
  }
  const packages = [...new Set(missing.map((tool) => tool.package))].join(' ');
  const refresh = aptNeedsRefresh() ? 'apt-get update && ' : '';
  return `${refresh}DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages}`;
}
