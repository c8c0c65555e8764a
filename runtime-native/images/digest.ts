import { createHash } from 'node:crypto';

/** `sha256:` + hex of bytes, as the OCI image specification writes digests. */
export function sha256Digest(data: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/** Whether a text from outside is a sha256 digest; the only algorithm that registries use. */
export function isDigest(text: unknown): text is `sha256:${string}` {
  return typeof text === 'string' && /^sha256:[0-9a-f]{64}$/.test(text);
}

/** The hex part. */
export function digestHex(digest: string): string {
  return digest.slice('sha256:'.length);
}

/** Chain ids of a list of diff ids (image-spec config.md, "Layer ChainID"): what lies below is part of a layer's identity. */
export function chainIds(diffIds: readonly string[]): readonly string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : sha256Digest(`${below} ${diffId}`));
  }
  return chain;
}
