/** A member of an uncompressed archive, as its headers say. */
export interface ListedMember {
  readonly name: string;
  readonly type: string;
  readonly link: string;
  readonly mode: number;
  readonly mtime: number;
  readonly size: number;
  readonly pax: Readonly<Record<string, string>>;
}

/** Lists an archive of ours (ustar and pax); a reader of its own, so that writer and reader are not wrong together. */
export function listTar(archive: Buffer): readonly ListedMember[] {
  const members: ListedMember[] = [];
  let pax: Record<string, string> = {};
  for (let at = 0; !archive.subarray(at, at + 512).every((byte) => byte === 0); ) {
    const text = (from: number, length: number) =>
      archive
        .subarray(at + from, at + from + length)
        .toString()
        .replace(/\0.*$/s, '');
    const number = (from: number, length: number) => Number.parseInt(text(from, length) || '0', 8);
    const size = number(124, 12);
    const data = archive.subarray(at + 512, at + 512 + size);
    if (text(156, 1) === 'x') pax = records(data);
    else {
      const prefix = text(345, 155);
      members.push({
        name: pax['path'] ?? pax['GNU.sparse.name'] ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`),
        type: text(156, 1),
        link: pax['linkpath'] ?? text(157, 100),
        mode: number(100, 8),
        mtime: Number(pax['mtime'] ?? number(136, 12)),
        size,
        pax,
      });
      pax = {};
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}

function records(data: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const length = Number(data.subarray(at, space).toString());
    const record = data.subarray(space + 1, at + length - 1).toString('latin1');
    const equals = record.indexOf('=');
    found[record.slice(0, equals)] = record.slice(equals + 1);
    at += length;
  }
  return found;
}
