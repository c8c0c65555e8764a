import { TscomposeError } from '#core/diagnostics/error.ts';
import { sha256Digest } from './digest.ts';
import type { ImageArchive } from './image-archive.ts';
import { invalid, parseJson } from './image-document.ts';
import { formatReference, parseReference } from './reference.ts';
import type { StageImageRequest } from './stage-image.ts';

interface ArchivedImage {
  readonly config: string;
  readonly layers: readonly string[];
  readonly references: readonly string[];
}

/** The images of a `docker save` archive (its `manifest.json`); undefined when it is none. */
export async function readDockerArchive(archive: ImageArchive): Promise<readonly StageImageRequest[] | undefined> {
  const images = await readManifestFile(archive);
  if (images === undefined) return undefined;
  return Promise.all(
    images.map(async (image) => {
      const config = await archive.text(image.config);
      if (config === undefined) throw invalid(archive.source, `it has no "${image.config}"`);
      return {
        config,
        layers: image.layers.map((name) => ({ open: () => archive.layer(name) })),
        references: image.references,
      };
    }),
  );
}

/** Names by image id of an archive that is a docker archive too; Docker writes both forms into one file. */
export async function dockerArchiveNames(archive: ImageArchive): Promise<ReadonlyMap<string, readonly string[]>> {
  const images = (await readManifestFile(archive)) ?? [];
  const pairs = images.map(async (image) => [sha256Digest((await archive.text(image.config)) ?? ''), image.references] as const);
  return new Map(await Promise.all(pairs));
}

async function readManifestFile(archive: ImageArchive): Promise<readonly ArchivedImage[] | undefined> {
  const text = await archive.text('manifest.json');
  if (text === undefined) return undefined;
  const list = parseJson(text, archive.source);
  if (!Array.isArray(list)) throw invalid(archive.source, 'its "manifest.json" is no list');
  return list.map((one: unknown) => {
    const { Config, Layers, RepoTags } = (one ?? {}) as { Config?: unknown; Layers?: unknown; RepoTags?: unknown }; // parser
    if (typeof Config !== 'string' || !isStrings(Layers))
      throw invalid(archive.source, 'its "manifest.json" lacks Config or Layers');
    return { config: Config, layers: Layers, references: isStrings(RepoTags) ? RepoTags.flatMap(normalise) : [] };
  });
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** A name that nobody could type names nothing. */
function normalise(name: string): readonly string[] {
  try {
    return [formatReference(parseReference(name))];
  } catch (error) {
    if (error instanceof TscomposeError) return [];
    throw error;
  }
}
