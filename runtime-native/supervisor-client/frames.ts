/** Channels of the control socket, see schemas/supervisor-protocol.ts. */
export const channel = { message: 0, stdin: 1, stdout: 2, stderr: 3 } as const;

export interface Frame {
  readonly channel: number;
  readonly payload: Buffer;
}

/** Largest frame, header included. */
const frameLimit = 64 * 1024;
const lengthBytes = 4;

/** One frame: u32 big-endian length of the rest, u8 channel, payload. */
export function encodeFrame(frame: Frame): Buffer {
  const header = Buffer.alloc(lengthBytes + 1);
  header.writeUInt32BE(frame.payload.length + 1, 0);
  header.writeUInt8(frame.channel, lengthBytes);
  return Buffer.concat([header, frame.payload]);
}

/** Bytes cut into frames that fit. */
export function encodeBytes(target: number, bytes: Buffer): readonly Buffer[] {
  const size = frameLimit - lengthBytes - 1;
  const frames: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    frames.push(encodeFrame({ channel: target, payload: bytes.subarray(start, start + size) }));
  }
  return frames;
}

/** Collects chunks and gives back the frames that are complete; throws on one that is longer than the limit. */
export function frameDecoder(): (chunk: Buffer) => readonly Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    while (rest.length >= lengthBytes) {
      const length = rest.readUInt32BE(0);
      if (length === 0 || length > frameLimit) throw new Error(`a control frame of ${length} bytes`);
      if (rest.length < lengthBytes + length) break;
      frames.push({ channel: rest.readUInt8(lengthBytes), payload: rest.subarray(lengthBytes + 1, lengthBytes + length) });
      rest = rest.subarray(lengthBytes + length);
    }
    return frames;
  };
}
