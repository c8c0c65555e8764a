import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runForeground } from '../process/run-foreground.ts';

const guestPackages = [
  ...['crun', 'nftables', 'iproute2', 'procps', 'kmod', 'busybox-static'],
  ...['systemd-sysv', 'dbus', 'libpam-systemd', 'nfs-kernel-server', 'socat', 'libatomic1', 'libstdc++6'],
];
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
     cached='${cachedSystem()}'
     find "$cached" -mtime +7 -delete 2>/dev/null || :
     [ -f "$cached" ] || { mkdir -p "$(dirname "$cached")"
       mmdebstrap --quiet --variant=minbase --include=${guestPackages.join(',')} bookworm system.tar && mv system.tar "$cached"; }
     mkdir system && tar -xpf "$cached" -C system
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

/** Assembled once a week for one list of packages. */
function cachedSystem(): string {
  const digest = createHash('sha256').update(guestPackages.join(' ')).digest('hex');
  return `/var/cache/tscompose/machines/${digest.slice(0, 12)}.tar`;
}

/** A scratch directory that goes when it is disposed of. */
export function scratchDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'tsc-vm-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

async function installProgram(root: string, system: string): Promise<void> {
  const target = join(system, 'opt/tscompose');
  // The bundle: under emulation each source file less is felt.
  await shell(
    `set -e; cd '${root}'; bin/node tools/build.ts; mkdir -p '${target}'
     cp -a --parents bin dist package.json runtime-native/supervisor/build/tscompose-* '${target}'
     cp -aL --parents node_modules/node/bin/node '${target}'
     mv '${target}/node_modules/node/bin/node' '${target}/node_modules/node/bin/node.real'
     cp -a tools/vm/guest '${system}/vm'; chmod 755 '${system}/vm/init' '${system}/vm/next-boot'
     mkdir -p '${system}/etc/systemd/system/multi-user.target.wants' '${system}/usr/local/bin'
     cp tools/vm/guest/systemd/vm-test.service '${system}/etc/systemd/system/'
     ln -s ../vm-test.service '${system}/etc/systemd/system/multi-user.target.wants/'
     ln -s /opt/tscompose/bin/tscompose '${system}/usr/local/bin/'
     echo overlay > '${system}/etc/modules-load.d/tscompose.conf'`,
  );
  install(join(root, 'tools/vm/guest/node'), join(target, 'node_modules/node/bin/node'));
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
