import type { ImageSummary } from '#core/engine/specs.ts';
import { humanDuration } from './durations.ts';
import { repositoryAndTag } from './image-name.ts';
import { goTime } from './local-time.ts';
import { sizeText } from './sizes.ts';

/** One name of an image, in the fields and words of `docker image ls`. */
export interface ImageRow extends Readonly<Record<string, unknown>> {
  readonly Repository: string;
  readonly Tag: string;
  readonly Digest: string;
  readonly ID: string;
  readonly CreatedSince: string;
  readonly CreatedAt: string;
  readonly Size: string;
}

/** A row for each name, images without one included; by name, then newest first. */
export function imageRows(
  images: readonly ImageSummary[],
  options: { readonly wholeIds: boolean; readonly nowMs: number },
): readonly ImageRow[] {
  return images
    .flatMap((image) => (image.references.length === 0 ? [undefined] : image.references).map((name) => ({ image, name })))
    .map(({ image, name }) => ({
      Containers: 'N/A',
      CreatedAt: goTime(new Date(image.createdAt)),
      CreatedSince: `${humanDuration(options.nowMs - Date.parse(image.createdAt))} ago`,
      Digest: image.digest,
      ID: options.wholeIds ? image.id : shortId(image.id),
      Repository: name === undefined ? '<none>' : repositoryAndTag(name).repository,
      SharedSize: 'N/A',
      Size: sizeText(image.sizeBytes),
      Tag: name === undefined ? '<none>' : repositoryAndTag(name).tag,
      UniqueSize: 'N/A',
      VirtualSize: sizeText(image.sizeBytes),
    }))
    .sort((a, b) => (`${a.Repository}:${a.Tag}` < `${b.Repository}:${b.Tag}` ? -1 : 1));
}

/** Twelve digits, as tables show ids. */
export function shortId(id: string): string {
  return id.replace('sha256:', '').slice(0, 12);
}
