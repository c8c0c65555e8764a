import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the kernel tells its handlers of foreign programs. */
const handlers = '/proc/sys/fs/binfmt_misc';

/** e_machine, class (1: 32 bits, 2: 64) and byte order (1: little) of ELF headers, by the architecture's name in image platforms. */
const machines: Readonly<Record<string, readonly [machine: number, bits: 1 | 2, order: 1 | 2]>> = {
  amd64: [62, 2, 1],
  '386': [3, 1, 1],
  arm64: [183, 2, 1],
  arm: [40, 1, 1],
  riscv64: [243, 2, 1],
  ppc64le: [21, 2, 1],
  s390x: [22, 2, 2],
  mips64le: [8, 2, 1],
  loong64: [258, 2, 1],
};

/**
 * Whether the kernel has a handler for programs of an architecture that also works in containers: one with the flag F, whose
 * interpreter was opened when it was registered.
 */
export function hasEmulator(architecture: string, directory = handlers): boolean {
  const header = elfHeader(architecture);
  if (header === undefined || read(join(directory, 'status')).trim() !== 'enabled') return false;
  return readdirSync(directory).some(
    (name) => name !== 'status' && name !== 'register' && matches(read(join(directory, name)), header),
  );
}

function elfHeader(architecture: string): Buffer | undefined {
  const found = machines[architecture];
  if (found === undefined) return undefined;
  const [machine, bits, order] = found;
  const header = Buffer.alloc(20);
  header.set([0x7f, 0x45, 0x4c, 0x46, bits, order, 1]);
  // ET_EXEC, as e_type.
  for (const [offset, value] of [
    [16, 2],
    [18, machine],
  ] as const) {
    if (order === 1) header.writeUInt16LE(value, offset);
    else header.writeUInt16BE(value, offset);
  }
  return header;
}

/** A handler's file, as Documentation/admin-guide/binfmt-misc.rst has it. */
function matches(text: string, header: Buffer): boolean {
  const field = (name: string): string => new RegExp(`^${name}:? (.*)$`, 'm').exec(text)?.[1] ?? '';
  if (!/^enabled$/m.test(text) || !field('flags').includes('F') || field('offset') !== '0') return false;
  const magic = Buffer.from(field('magic'), 'hex');
  const mask = Buffer.from(field('mask'), 'hex');
  if (magic.length === 0 || magic.length > header.length) return false;
  return magic.every((byte, index) => (byte & (mask[index] ?? 0xff)) === ((header[index] ?? 0) & (mask[index] ?? 0xff)));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // not mounted, or gone meanwhile
  }
}
