import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ImageSummary } from '../engine/specs.ts';
import type { Project, Service } from '../model/project.ts';
import { imageMountsOf, imageOf } from '../model/service-references.ts';
import type { Observed } from '../observe/observed.ts';
import { buildDraft } from './builds.ts';
import { diagnose } from './catalogue.ts';
import { checkBuilds } from './check-builds.ts';
import type { Draft, Node } from './draft.ts';
import type { UpOptions } from './options.ts';
import type { Reason } from './reason.ts';
import { refreshWindowMs } from './refresh-window.ts';

/** Which images must be fetched or built, as actions, and which cannot be had. */
export interface ImagePulls {
  /** Pulls and builds that the service's containers wait for. */
  readonly of: (service: string) => readonly Node[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Decides by pull policy; one pull for each reference and platform, one build for each thing, however many services use it. */
export function planImages({
  draft,
  project,
  observed,
  services,
  pull,
  build,
  buildBases,
  nowMs,
}: {
  draft: Draft;
  project: Project;
  observed: Observed;
  services: readonly string[];
  pull: UpOptions['pull'];
  build?: UpOptions['build'];
  buildBases?: UpOptions['buildBases'];
  nowMs?: number;
}): ImagePulls {
  const diagnostics: Diagnostic[] = [];
  const pulls = new Map<string, Node>();
  const byService = new Map<string, readonly Node[]>();
  const builds = buildDraft({ draft, project, bases: buildBases ?? {} });
  for (const name of services) {
    const service = project.services[name];
    // Providers have no container; `checkServices` refuses them.
    if (service === undefined || service.provider !== undefined) continue;
    const verdict = judgeImage({ project, name, service, images: observed.images, pull, build, nowMs });
    const mounted = imageMountsOf(service).filter((image) => observed.images[image] === undefined);
    if (typeof verdict === 'object' && 'code' in verdict) diagnostics.push(verdict);
    if (verdict === 'build' || verdict === 'rebuild') diagnostics.push(...checkBuilds(project, [name]));
    const own =
      typeof verdict === 'object' && 'kind' in verdict
        ? [pullOnce(imageOf(project, name, service), verdict, service.platform)]
        : verdict === 'build' || verdict === 'rebuild'
          ? [builds.add(name, { kind: verdict === 'build' ? 'absent' : 'requested' })]
          : [];
    byService.set(name, [...own, ...mounted.map((image) => pullOnce(image, { kind: 'absent' }, undefined))]);
  }
  builds.arrange();
  return { of: (service) => byService.get(service) ?? [], diagnostics };

  function pullOnce(reference: string, reason: Reason, platform: string | undefined): Node {
    const key = `${reference} ${platform ?? ''}`;
    const node =
      pulls.get(key) ?? draft.add('image.pull', { reference, ...(platform === undefined ? {} : { platform }) }, { reason });
    pulls.set(key, node);
    return node;
  }
}

/**
 * `present`, the reason for a pull or a build, or why the image cannot be had. What can be built is built when it is missing: asking a
 * registry first, as Docker Compose does, makes every first start wait for one that mostly does not have it.
 */
function judgeImage({
  project,
  name,
  service,
  images,
  pull,
  build,
  nowMs,
}: {
  project: Project;
  name: string;
  service: Service;
  images: Readonly<Record<string, ImageSummary>>;
  pull: UpOptions['pull'];
  build: UpOptions['build'];
  nowMs: number | undefined;
}): 'present' | Reason | 'build' | 'rebuild' | Diagnostic {
  if (service.image === undefined && service.build === undefined) return diagnose('plan.no-image', { service: name });
  const image = imageOf(project, name, service);
  const local = images[image];
  const isPresent = local !== undefined && hasPlatform(local, service.platform);
  const policy = pull ?? service.pull_policy ?? 'missing';
  const canBuild = service.build !== undefined && build !== 'never';
  if (canBuild && build !== 'done' && (build === 'always' || policy === 'build')) return isPresent ? 'rebuild' : 'build';
  if (policy === 'always' && service.image !== undefined) return { kind: 'requested' };
  if (isPresent) return staleness(policy, local.taggedAt, nowMs) ?? 'present';
  if (canBuild) return 'build';
  if (service.image === undefined) return diagnose('plan.build-not-allowed', { service: name, image });
  return policy === 'never' || policy === 'build' ? diagnose('plan.image-missing', { service: name, image }) : { kind: 'absent' };
}

/** Why a tag that is here must be fetched again by policies such as `daily`. */
function staleness(policy: string, taggedAt: string | undefined, nowMs: number | undefined): Reason | undefined {
  const windowMs = refreshWindowMs(policy);
  if (windowMs === undefined || nowMs === undefined) return undefined;
  const taggedMs = Date.parse(taggedAt ?? '');
  // Found by an id or digest: that cannot change.
  if (Number.isNaN(taggedMs) || nowMs - taggedMs < windowMs) return undefined;
  return { kind: 'image-stale', policy, taggedAt: taggedAt ?? '' };
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

/** The part of the options that says where images come from. */
export function imageOptions(
  options: Pick<UpOptions, 'pull' | 'build' | 'buildBases' | 'nowMs'>,
): Pick<UpOptions, 'build' | 'buildBases' | 'nowMs'> & { readonly pull: UpOptions['pull'] } {
  const { pull, build, buildBases, nowMs } = options;
  return {
    pull,
    ...(nowMs === undefined ? {} : { nowMs }),
    ...(build === undefined ? {} : { build }),
    ...(buildBases === undefined ? {} : { buildBases }),
  };
}
