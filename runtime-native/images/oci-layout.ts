import { TscomposeError } from '#core/diagnostics/error.ts';
import { digestHex, sha256Digest } from './digest.ts';
import { dockerArchiveNames } from './docker-archive.ts';
import type { ImageArchive } from './image-archive.ts';
import { type Descriptor, invalid, maxDocumentBytes, parseIndex, parseManifest } from './image-document.ts';
import { isIndex } from './media-types.ts';
import { choosePlatform, hostPlatform } from './platform.ts';
import { formatReference, parseReference } from './reference.ts';
import type { StageImageRequest } from './stage-image.ts';

const maxIndexDepth = 4;

/** The images of an OCI layout (image-spec image-layout.md), one for each entry of its index; undefined when it is none. */
export async function readOciLayout(archive: ImageArchive): Promise<readonly StageImageRequest[] | undefined> {
  const index = await archive.text('index.json');
  if (index === undefined || (await archive.text('oci-layout')) === undefined) return undefined;
  const names = await dockerArchiveNames(archive);
  const requests: StageImageRequest[] = [];
  for (const entry of parseIndex(index, archive.source)) {
    const manifest = await readManifest(archive, entry, 0);
    if (manifest === undefined) continue;
    const { config, layers } = parseManifest(manifest, archive.source);
    const text = await readBlob(archive, config);
    const references = new Set([...annotatedNames(entry), ...(names.get(config.digest) ?? [])]);
    requests.push({
      config: text,
      manifest,
      layers: layers.map((descriptor) => ({ descriptor, open: () => archive.layer(blobName(descriptor)) })),
      references: [...references],
    });
  }
  return requests;
}

/** The manifest for this machine; undefined for what is no image (signatures, attestations). */
async function readManifest(archive: ImageArchive, descriptor: Descriptor, depth: number): Promise<string | undefined> {
  if (depth > maxIndexDepth) throw invalid(archive.source, 'its indexes are nested too deeply');
  const text = await readBlob(archive, descriptor);
  if (!isIndex(descriptor.mediaType)) return text;
  const chosen = choosePlatform(hostPlatform(), parseIndex(text, archive.source));
  if (chosen === undefined) throw invalid(archive.source, 'it has no image for this machine');
  return readManifest(archive, chosen, depth + 1);
}

async function readBlob(archive: ImageArchive, descriptor: Descriptor): Promise<string> {
  if (descriptor.size > maxDocumentBytes) throw invalid(archive.source, `blob ${descriptor.digest} is too long for a document`);
  const text = await archive.text(blobName(descriptor));
  if (text === undefined) throw invalid(archive.source, `it has no blob ${descriptor.digest}`);
  if (sha256Digest(text) !== descriptor.digest) throw invalid(archive.source, `blob ${descriptor.digest} is damaged`);
  return text;
}

function blobName(descriptor: Descriptor): string {
  return `blobs/sha256/${digestHex(descriptor.digest)}`;
}

/** containerd writes the full name; the specification's own annotation may be a full name or only a tag, which names nothing. */
function annotatedNames(descriptor: Descriptor): readonly string[] {
  const { annotations = {} } = descriptor;
  const full = annotations['io.containerd.image.name'];
  const name = annotations['org.opencontainers.image.ref.name'];
  const text = typeof full === 'string' ? full : typeof name === 'string' && /[/:]/.test(name) ? name : undefined;
  if (text === undefined) return [];
  try {
    return [formatReference(parseReference(text))];
  } catch (error) {
    if (error instanceof TscomposeError) return [];
    throw error;
  }
}
