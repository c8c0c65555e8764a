import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes an OCI layout of one image with `layers` layers of one file each, `bytesEach` of random content, to `directory`. */
export function makeImage(request: {
  readonly directory: string;
  readonly name: string;
  readonly layers: number;
  readonly bytesEach: number;
}): void {
  const { directory, name, layers, bytesEach } = request;
  mkdirSync(join(directory, 'blobs/sha256'), { recursive: true });
  const put = (mediaType: string, data: Buffer) => {
    const hex = createHash('sha256').update(data).digest('hex');
    writeFileSync(join(directory, 'blobs/sha256', hex), data);
    return { mediaType, digest: `sha256:${hex}`, size: data.length };
  };
  const oci = 'application/vnd.oci.image';
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const made = Array.from({ length: layers }, (_, index) =>
    put(`${oci}.layer.v1.tar`, tarOf(`file-${index}`, randomBytes(bytesEach))),
  );
  const config = put(
    `${oci}.config.v1+json`,
    json({
      architecture: architecture(),
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: made.map(({ digest }) => digest) },
    }),
  );
  const manifest = put(
    `${oci}.manifest.v1+json`,
    json({ schemaVersion: 2, mediaType: `${oci}.manifest.v1+json`, config, layers: made }),
  );
  const annotations = { 'io.containerd.image.name': name };
  writeFileSync(join(directory, 'index.json'), json({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }));
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
}

function architecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

/** A tar archive (ustar) of one file. */
function tarOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number): void => {
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at);
  };
  header.write(name, 0);
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(0, 136, 12);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512), Buffer.alloc(1024)]);
}
