import type { FileHandle } from 'node:fs/promises';
import { invalid } from './image-document.ts';

/** Where a member of an uncompressed tar archive lies. */
export interface TarMember {
  readonly offset: number;
  readonly size: number;
  /** Target of a symbolic or hard link, a path in the archive. */
  readonly link?: string;
}

const blockBytes = 512;
const maxMembers = 100_000;
const maxExtensionBytes = 1024 * 1024;

/**
 * Lists the members of a seekable, uncompressed tar archive (ustar, pax, GNU names) without reading their data, so that
 * layers can be unpacked from where they are. Throws `engine.image-invalid`.
 */
export async function indexTar(file: FileHandle, source: string): Promise<ReadonlyMap<string, TarMember>> {
  const members = new Map<string, TarMember>();
  const { size: fileSize } = await file.stat();
  let extension: Readonly<Record<string, string>> = {};
  for (let at = 0; at + blockBytes <= fileSize; ) {
    const header = await readExactly(file, at, blockBytes);
    if (header.every((byte) => byte === 0)) break;
    checkSum(header, source);
    const type = String.fromCharCode(header[156] ?? 0);
    const offset = at + blockBytes;
    const ownSize = number(header.subarray(124, 136), source);
    const size = 'xLK'.includes(type) ? ownSize : Number(extension['size'] ?? ownSize);
    if (offset + size > fileSize) throw invalid(source, 'the archive ends in the middle of an entry');
    at = offset + Math.ceil(size / blockBytes) * blockBytes;
    if ('xLK'.includes(type)) {
      if (size > maxExtensionBytes) throw invalid(source, 'an extension header is too long');
      const text = (await readExactly(file, offset, size)).toString();
      extension = {
        ...extension,
        ...(type === 'x' ? paxRecords(text) : { [type === 'L' ? 'path' : 'linkpath']: untilNul(text) }),
      };
      continue;
    }
    const name = cleanPath(extension['path'] ?? headerName(header));
    const linkText = extension['linkpath'] ?? untilNul(header.subarray(157, 257).toString());
    const link = type === '2' ? cleanPath(`${name}/../${linkText}`) : type === '1' ? cleanPath(linkText) : undefined;
    extension = {};
    if (link !== undefined) members.set(name, { offset, size: 0, link });
    else if (type === '0' || type === '\0' || type === '7') members.set(name, { offset, size });
    if (members.size > maxMembers) throw invalid(source, `the archive has more than ${maxMembers} entries`);
  }
  return members;
}

/** The member of a name, links followed. */
export function resolveMember(members: ReadonlyMap<string, TarMember>, name: string): TarMember | undefined {
  let member = members.get(cleanPath(name));
  for (let hops = 0; member?.link !== undefined && hops < 8; hops++) member = members.get(member.link);
  return member?.link === undefined ? member : undefined;
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function checkSum(header: Buffer, source: string): void {
  const expected = number(header.subarray(148, 156), source);
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  if (sum !== expected) throw invalid(source, 'it is no tar archive, or it is damaged (wrong header checksum)');
}

/** Octal, or base 256 when the first bit is set. */
function number(field: Buffer, source: string): number {
  const first = field[0] ?? 0;
  const value =
    first & 0x80
      ? field.subarray(1).reduce((total, byte) => total * 256 + byte, first & 0x3f)
      : Number.parseInt(untilNul(field.toString('latin1')).trim() || '0', 8);
  if (!Number.isSafeInteger(value) || value < 0) throw invalid(source, 'a tar header is damaged');
  return value;
}

function headerName(header: Buffer): string {
  const name = untilNul(header.subarray(0, 100).toString());
  const prefix = header.subarray(257, 263).toString('latin1') === 'ustar\0' ? untilNul(header.subarray(345, 500).toString()) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function paxRecords(text: string): Readonly<Record<string, string>> {
  const records: Record<string, string> = {};
  // Lengths count bytes; the names that matter here are ASCII, so that a line is a record.
  for (const [, key = '', value = ''] of text.matchAll(/^\d+ (path|linkpath|size)=(.*)$/gm)) records[key] = value;
  return records;
}

function untilNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
