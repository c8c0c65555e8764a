import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { ImageSummary } from '#core/engine/specs.ts';
import { diagnose } from '../../args/catalogue.ts';
import { momentMs } from '../../args/moment.ts';
import { familiar } from '../../views/image-name.ts';

export interface ImageFilter {
  readonly dangling?: boolean;
  readonly labels: readonly string[];
  readonly withoutLabels: readonly string[];
  readonly untilMs?: number;
  readonly before: readonly string[];
  readonly since: readonly string[];
  readonly references: readonly string[];
}

type Key = 'dangling' | 'label' | 'label!' | 'until' | 'before' | 'since' | 'reference';

/** Reads `--filter key=value` of image commands, as Docker has them. Throws `cli.bad-flag-value`. */
export function parseImageFilter(values: readonly string[], allowed: readonly Key[], nowMs: number): ImageFilter {
  const found = values.map((text) => {
    const [, key = '', value = ''] = /^([a-z]+!?)=(.+)$/s.exec(text) ?? [];
    const known = allowed.find((one) => one === key);
    if (known === undefined) throw bad(text, allowed.map((one) => `${one}=…`).join(', '));
    return { key: known, value };
  });
  const of = (key: Key): readonly string[] => found.filter((one) => one.key === key).map((one) => one.value);
  const dangling = of('dangling').at(-1);
  if (dangling !== undefined && !['true', '1', 'false', '0'].includes(dangling)) throw bad(`dangling=${dangling}`, 'true, false');
  const moments = of('until').map((text) => momentMs('--filter until', text, nowMs));
  return {
    ...(dangling === undefined ? {} : { dangling: dangling === 'true' || dangling === '1' }),
    ...(moments.length === 0 ? {} : { untilMs: Math.min(...moments) }),
    labels: of('label'),
    withoutLabels: of('label!'),
    before: of('before'),
    since: of('since'),
    references: of('reference'),
  };
}

/** Images with the names that the filter leaves; an image whose names are all filtered out is left out itself. */
export async function filterImages(
  engine: Engine,
  images: readonly ImageSummary[],
  filter: ImageFilter,
): Promise<readonly ImageSummary[]> {
  const momentsOf = async (references: readonly string[]): Promise<readonly number[]> =>
    Promise.all(
      references.map(async (reference) => {
        const image = await engine.inspectImage(reference);
        if (image === undefined) throw bad(reference, 'a local image');
        return Date.parse(image.createdAt);
      }),
    );
  const before = Math.min(...(await momentsOf(filter.before)), filter.untilMs ?? Number.POSITIVE_INFINITY);
  const since = Math.max(...(await momentsOf(filter.since)), Number.NEGATIVE_INFINITY);
  return images
    .filter((image) => filter.dangling === undefined || filter.dangling === (image.references.length === 0))
    .filter((image) => Date.parse(image.createdAt) < before && Date.parse(image.createdAt) > since)
    .filter((image) => filter.labels.every((one) => hasLabel(image, one)))
    .filter((image) => !filter.withoutLabels.some((one) => hasLabel(image, one)))
    .flatMap((image) => {
      if (filter.references.length === 0) return [image];
      const references = image.references.filter((name) => filter.references.some((pattern) => matches(pattern, name)));
      return references.length === 0 ? [] : [{ ...image, references }];
    });
}

function hasLabel({ config }: ImageSummary, wanted: string): boolean {
  const [key = '', value] = wanted.split(/=(.*)/s);
  const found = config.Labels?.[key];
  return found !== undefined && (value === undefined || found === value);
}

/** `*` and `?` stay within one part of a name, as in Go's path.Match; a pattern without a tag means every tag. */
function matches(pattern: string, name: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  const hasTag = pattern.lastIndexOf(':') > pattern.lastIndexOf('/');
  const test = new RegExp(`^${expression}${hasTag ? '' : '(?:[:@].*)?'}$`);
  return test.test(name) || test.test(familiar(name));
}

function bad(value: string, allowed: string): TscomposeError {
  return new TscomposeError(diagnose('cli.bad-flag-value', { flag: '--filter', value, allowed }));
}
