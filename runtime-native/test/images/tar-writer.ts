/** One member of a test archive; names are written as they are, so that hostile ones can be made. */
export interface TarEntry {
  readonly name: string;
  /** Type flag of the header: 0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 directory, 6 fifo. */
  readonly type?: string;
  readonly content?: string | Buffer;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly device?: readonly [number, number];
  /** Extended header in front. */
  readonly pax?: Readonly<Record<string, string>>;
  /** Size that the header claims. */
  readonly size?: number;
}

const blockBytes = 512;

/** An uncompressed ustar archive with its end mark. */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(member), Buffer.alloc(2 * blockBytes)]);
}

function member(entry: TarEntry): readonly Buffer[] {
  const records = Object.entries(entry.pax ?? {}).map(([key, value]) => paxRecord(key, value));
  const extension = records.length === 0 ? [] : member({ name: 'pax', type: 'x', content: records.join('') });
  const content = Buffer.from(entry.content ?? '');
  return [
    ...extension,
    header(entry, content.length),
    content,
    Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes),
  ];
}

/** `<length> key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length) length = String(length).length + Buffer.byteLength(rest);
  return `${length}${rest}`;
}

function header(entry: TarEntry, contentLength: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, width: number) =>
    block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  block.write(entry.name, 0, 100);
  octal(entry.mode ?? (entry.type === '5' ? 0o755 : 0o644), 100, 8);
  octal(entry.uid ?? 0, 108, 8);
  octal(entry.gid ?? 0, 116, 8);
  octal(entry.size ?? contentLength, 124, 12);
  octal(entry.mtime ?? 1_000_000_000, 136, 12);
  block.write(entry.type ?? '0', 156);
  block.write(entry.link ?? '', 157, 100);
  block.write('ustar\u000000', 257, 'latin1');
  if (entry.device !== undefined) {
    octal(entry.device[0], 329, 8);
    octal(entry.device[1], 337, 8);
  }
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
