/** A value of MessagePack as plain data; strings stay bytes, since fluentd's need not be text; extensions are their bytes. */
export type Packed = number | Buffer | readonly Packed[] | ReadonlyMap<string, Packed>;

/**
 * Reads values from a stream's bytes, as far as they are complete, by the specification alone (github.com/msgpack/msgpack, spec.md): what a log
 * driver writes must be readable by others. Throws for what the Forward protocol has no use for.
 */
export function readMessages(bytes: Buffer): readonly Packed[] {
  const found: Packed[] = [];
  for (let at = 0; at < bytes.length; ) {
    try {
      const [value, next] = read(bytes, at);
      found.push(value);
      at = next;
    } catch (error) {
      if (error instanceof RangeError) break; // the rest has not arrived
      throw error;
    }
  }
  return found;
}

function read(bytes: Buffer, at: number): readonly [Packed, number] {
  const type = bytes.readUInt8(at);
  const next = at + 1;
  if (type < 0x80) return [type, next];
  if (type < 0x90) return readMap(bytes, { at: next, count: type & 15 });
  if (type < 0xa0) return readArray(bytes, { at: next, count: type & 15 });
  if (type < 0xc0) return slice(bytes, { at: next, length: type & 31 });
  switch (type) {
    case 0xce:
      return [bytes.readUInt32BE(next), next + 4];
    case 0xd7: // fixext 8: its type, then eight bytes
      return slice(bytes, { at: next + 1, length: 8 });
    case 0xd9:
      return slice(bytes, { at: next + 1, length: bytes.readUInt8(next) });
    case 0xda:
      return slice(bytes, { at: next + 2, length: bytes.readUInt16BE(next) });
    case 0xdb:
      return slice(bytes, { at: next + 4, length: bytes.readUInt32BE(next) });
    case 0xde:
      return readMap(bytes, { at: next + 2, count: bytes.readUInt16BE(next) });
    default:
      throw new Error(`no type ${type.toString(16)} is expected at ${at}`);
  }
}

function slice(bytes: Buffer, { at, length }: { at: number; length: number }): readonly [Buffer, number] {
  if (at + length > bytes.length) throw new RangeError('incomplete');
  return [bytes.subarray(at, at + length), at + length];
}

function readArray(bytes: Buffer, { at, count }: { at: number; count: number }): readonly [readonly Packed[], number] {
  const values: Packed[] = [];
  let next = at;
  for (let index = 0; index < count; index++) {
    const [value, end] = read(bytes, next);
    values.push(value);
    next = end;
  }
  return [values, next];
}

function readMap(bytes: Buffer, { at, count }: { at: number; count: number }): readonly [ReadonlyMap<string, Packed>, number] {
  const [flat, next] = readArray(bytes, { at, count: 2 * count });
  return [new Map(Array.from({ length: count }, (_, index) => [String(flat[2 * index]), flat[2 * index + 1] ?? 0])), next];
}
