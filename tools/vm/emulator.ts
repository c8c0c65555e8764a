export interface Machine {
  readonly kernel: string;
  readonly initrd: string;
  readonly disk: string;
  /** First program from the disk. */
  readonly init: string;
  /** Directory of scripts below /vm. */
  readonly part: string;
}

/**
 * Command line of a machine that ends when it reboots or is turned off; its console is standard output. Software emulation: it
 * needs no hardware support, is the same everywhere and boots in seconds.
 */
export function qemu(machine: Machine): string[] {
  const kernelLine = `console=ttyS0 quiet panic=1 vm_init=${machine.init} vm_part=${machine.part}`;
  return [
    ...['qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '2048', '-nographic', '-no-reboot'],
    ...['-kernel', machine.kernel, '-initrd', machine.initrd, '-append', kernelLine],
    ...['-drive', `file=${machine.disk},format=raw,if=virtio,cache=unsafe`],
  ];
}
