import { once } from 'node:events';
import type { Readable } from 'node:stream';

const blockBytes = 512;
const endMark = Buffer.alloc(2 * blockBytes);

/** Writes the members of a plain tar archive to a stream, one after the other; waits when the reader is slow. */
export interface ArchiveWriter {
  text(name: string, content: string): Promise<void>;
  /** Throws when the stream does not have exactly this many bytes. */
  file(name: string, sizeBytes: number, content: Readable): Promise<void>;
  end(): Promise<void>;
}

/** Headers are root's, of 1970 and 0644: the same content gives the same archive. The output is left open. */
export function archiveWriter(output: NodeJS.WritableStream): ArchiveWriter {
  // An output that failed while nobody was writing: the next write reports it.
  let failure: unknown;
  output.once('error', (error) => {
    failure = error;
  });
  const write = async (chunk: Uint8Array): Promise<void> => {
    if (failure !== undefined) throw failure;
    if (!output.write(chunk)) await once(output, 'drain');
  };
  const finish = async (sizeBytes: number): Promise<void> => {
    const rest = sizeBytes % blockBytes;
    if (rest > 0) await write(endMark.subarray(0, blockBytes - rest));
  };
  return {
    async text(name, content) {
      const data = Buffer.from(content);
      await write(header(name, data.length));
      await write(data);
      await finish(data.length);
    },
    async file(name, sizeBytes, content) {
      await write(header(name, sizeBytes));
      let written = 0;
      for await (const chunk of content) {
        written += (chunk as Buffer).length; // the stream has no encoding
        if (written > sizeBytes) break;
        await write(chunk as Buffer);
      }
      if (written !== sizeBytes) throw new Error(`"${name}" has another size than its ${sizeBytes} bytes`);
      await finish(sizeBytes);
    },
    end: () => write(endMark),
  };
}

const maxOctalSize = 0o77777777777;

function header(name: string, sizeBytes: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  if (Buffer.byteLength(name) > 100) throw new Error(`"${name}" is too long for a member of an image archive`);
  const octal = (value: number, at: number, width: number) =>
    block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  block.write(name, 0);
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  if (sizeBytes <= maxOctalSize) octal(sizeBytes, 124, 12);
  else {
    // Base 256, as GNU writes and everybody reads it.
    block.writeUInt8(0x80, 124);
    block.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  octal(0, 136, 12);
  block.write('0', 156);
  block.write('ustar\u000000', 257, 'latin1');
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
