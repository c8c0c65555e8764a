import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runForeground } from '../process/run-foreground.ts';

const guestPackages = ['crun', 'nftables', 'iproute2', 'procps', 'kmod', 'busybox-static', 'make', 'gcc', 'libc6-dev'];
const diskDrivers = ['virtio_ring', 'virtio', 'virtio_pci_legacy_dev', 'virtio_pci_modern_dev', 'virtio_pci', 'virtio_blk'];

export interface Guest {
  readonly kernel: string;
  readonly initrd: string;
  readonly disk: string;
}

/**
 * Assembles the emulated machine in `directory`: kernel and initial ramdisk of Debian's cloud image, and a disk with
 * Debian, this program (sources, native programs, Node) and the test image in its store. Needs root.
 */
export async function assembleGuest(request: { root: string; directory: string; say: (text: string) => void }): Promise<Guest> {
  const { root, directory, say } = request;
  say("Debian's cloud kernel");
  await shell(
    `set -e; cd '${directory}'
     name=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends/ { print $2; exit }')
     apt-get download -qq -o APT::Sandbox::User=root "$name"
     dpkg-deb -x "$name"_*.deb kernel
     mkdir -p initrd/bin initrd/modules && cp /bin/busybox initrd/bin/
     for module in ${diskDrivers.join(' ')}; do find kernel/lib/modules -name "$module.ko" -exec cp {} initrd/modules/ \\; ; done
     cp '${root}/tools/vm/guest/initrd-init' initrd/init && chmod 755 initrd/init
     (cd initrd && find . | cpio -o -H newc --quiet | gzip -1) > initrd.gz
     cp kernel/boot/vmlinuz-* vmlinuz`,
  );
  say(`a Debian system with ${guestPackages.join(', ')}`);
  await shell(
    `set -e; cd '${directory}'
     mmdebstrap --quiet --variant=minbase --include=${guestPackages.join(',')} bookworm system.tar
     mkdir system && tar -xpf system.tar -C system && rm system.tar
     cp -a kernel/lib/modules system/lib/ && depmod -b system "$(ls kernel/lib/modules)"`,
  );
  say('this program and its test image');
  const system = join(directory, 'system');
  await installProgram(root, system);
  await shell(
    `set -e; cd '${root}'
     TSCOMPOSE_ROOT='${directory}/store' bin/node tools/images/build-images.ts busybox
     rm -rf '${directory}/store/run' && mkdir -p '${system}/var/lib' && cp -a '${directory}/store' '${system}/var/lib/tscompose'`,
  );
  await shell(`mke2fs -q -t ext4 -d '${system}' '${directory}/disk.img' 2500M`);
  return { kernel: join(directory, 'vmlinuz'), initrd: join(directory, 'initrd.gz'), disk: join(directory, 'disk.img') };
}

/** A scratch directory that goes when it is disposed of. */
export function scratchDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'tsc-vm-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

async function installProgram(root: string, system: string): Promise<void> {
  const target = join(system, 'opt/tscompose');
  await shell(
    `set -e; mkdir -p '${target}'; cd '${root}'
     git ls-files -z --cached --others --exclude-standard -- bin cli core runtime-native schemas package.json | xargs -0 cp --parents -t '${target}'
     cp -a --parents runtime-native/supervisor/build '${target}'
     for package in ${packagesToRun(root).join(' ')}; do
       mkdir -p "$(dirname '${target}/'"$package")"
       cp -aL "$package" '${target}/'"$package"
     done`,
  );
  const guest = join(root, 'tools/vm/guest');
  for (const name of ['init', 'tap.sh', 'boot-1.sh', 'boot-2.sh']) install(join(guest, name), join(system, 'vm', name));
  install(join(guest, 'compose.yaml'), join(system, 'vm/stack/compose.yaml'));
  mkdirSync(join(system, 'usr/local/bin'), { recursive: true });
  install(join(guest, 'tscompose'), join(system, 'usr/local/bin/tscompose'));
}

/** Directories of the packages that the program needs when it runs, top level only: each brings what is nested in it. */
function packagesToRun(root: string): string[] {
  const lock: unknown = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { packages } = lock as { packages: Readonly<Record<string, { readonly dev?: boolean }>> }; // npm's own format
  return Object.entries(packages)
    .filter(([path, one]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && one.dev !== true && existsSync(join(root, path)))
    .map(([path]) => path);
}

function install(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
  chmodSync(to, 0o755);
}

async function shell(script: string): Promise<void> {
  const status = await runForeground({ argv: ['/bin/sh', '-c', script], stdout: 'stderr' });
  if (status !== 0) throw new Error(`a step of the machine's assembly ended with status ${status}`);
}
