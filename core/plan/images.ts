import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ImageSummary } from '../engine/specs.ts';
import type { Project, Service } from '../model/project.ts';
import { imageMountsOf, imageOf } from '../model/service-references.ts';
import type { Observed } from '../observe/observed.ts';
import { diagnose } from './catalogue.ts';
import type { Draft, Node } from './draft.ts';
import type { UpOptions } from './options.ts';

/** Which images must be fetched, as actions, and which cannot be had. */
export interface ImagePulls {
  /** Pulls that the service's containers wait for. */
  readonly of: (service: string) => readonly Node[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Decides by pull policy; one pull for each reference and platform, however many services use it. */
export function planImages({
  draft,
  project,
  observed,
  services,
  pull,
}: {
  draft: Draft;
  project: Project;
  observed: Observed;
  services: readonly string[];
  pull: UpOptions['pull'];
}): ImagePulls {
  const diagnostics: Diagnostic[] = [];
  const pulls = new Map<string, Node>();
  const byService = new Map<string, readonly Node[]>();
  for (const name of services) {
    const service = project.services[name];
    // Providers have no container; `checkServices` refuses them.
    if (service === undefined || service.provider !== undefined) continue;
    const verdict = judgeImage({ project, name, service, images: observed.images, pull });
    const mounted = imageMountsOf(service).filter((image) => observed.images[image] === undefined);
    if (typeof verdict === 'object') diagnostics.push(verdict);
    const own =
      verdict === 'absent' || verdict === 'requested'
        ? [pullOnce(imageOf(project, name, service), verdict, service.platform)]
        : [];
    byService.set(name, [...own, ...mounted.map((image) => pullOnce(image, 'absent', undefined))]);
  }
  return { of: (service) => byService.get(service) ?? [], diagnostics };

  function pullOnce(reference: string, reason: 'absent' | 'requested', platform: string | undefined): Node {
    const key = `${reference} ${platform ?? ''}`;
    const node =
      pulls.get(key) ??
      draft.add('image.pull', { reference, ...(platform === undefined ? {} : { platform }) }, { reason: { kind: reason } });
    pulls.set(key, node);
    return node;
  }
}

/** `present`, the reason for a pull, or why the image cannot be had. */
function judgeImage({
  project,
  name,
  service,
  images,
  pull,
}: {
  project: Project;
  name: string;
  service: Service;
  images: Readonly<Record<string, ImageSummary>>;
  pull: UpOptions['pull'];
}): 'present' | 'absent' | 'requested' | Diagnostic {
  if (service.image === undefined && service.build === undefined) return diagnose('plan.no-image', { service: name });
  const image = imageOf(project, name, service);
  const local = images[image];
  const isPresent = local !== undefined && hasPlatform(local, service.platform);
  // `daily`, `weekly` and `every_…` need to know when the tag was last written, which the store does not record: as `missing`.
  const policy = pull ?? service.pull_policy ?? 'missing';
  if (policy === 'build' && isPresent) return diagnose('plan.build-skipped', { service: name, image });
  if (service.image === undefined || policy === 'build')
    return isPresent ? 'present' : diagnose('plan.build-not-available', { service: name, image });
  if (policy === 'always') return 'requested';
  if (isPresent) return 'present';
  if (policy !== 'never') return 'absent';
  return diagnose(service.build === undefined ? 'plan.image-missing' : 'plan.build-not-available', { service: name, image });
}

/** An image for another platform than the one written counts as absent. */
function hasPlatform(image: ImageSummary, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const [os, architecture, variant] = wanted.split('/');
  const { platform } = image;
  return (
    platform.os === os &&
    platform.architecture === architecture &&
    (variant === undefined || platform.variant === undefined || platform.variant === variant)
  );
}
