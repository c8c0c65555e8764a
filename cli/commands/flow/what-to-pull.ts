import type { Project, Service } from '#core/model/project.ts';

export interface WantedImage {
  readonly reference: string;
  readonly platform: string | undefined;
  /** Services that can build it: then a failure is no failure. */
  readonly builtBy: readonly string[];
}

export interface WantedImages {
  readonly pulls: readonly WantedImage[];
  readonly skipped: readonly { readonly reference: string; readonly why: string }[];
}

/**
 * What `pull` fetches, as Docker Compose decides: everything whose policy does not say otherwise. A tag `latest` is fetched
 * under the policy `missing` too; windows such as `daily` do not count when somebody asks for a pull.
 */
export function chooseWhatToPull(
  project: Project,
  options: {
    /** `--policy`. */
    readonly policy?: 'missing' | 'always';
    readonly ignoreBuildable: boolean;
    /** References that are here. */
    readonly present: ReadonlySet<string>;
  },
): WantedImages {
  const pulls = new Map<string, WantedImage>();
  const skipped: { reference: string; why: string }[] = [];
  for (const [name, service] of Object.entries(project.services).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const reference = service.image;
    const why = reasonToSkip(service, options);
    if (reference === undefined || why !== undefined) {
      skipped.push({ reference: reference ?? name, why: why ?? 'no image to be pulled' });
      continue;
    }
    const key = `${reference} ${service.platform ?? ''}`;
    const builtBy = [...(pulls.get(key)?.builtBy ?? []), ...(service.build === undefined ? [] : [name])];
    pulls.set(key, { reference, platform: service.platform, builtBy });
  }
  return { pulls: [...pulls.values()], skipped };
}

function reasonToSkip(service: Service, options: Parameters<typeof chooseWhatToPull>[1]): string | undefined {
  const policy = options.policy ?? service.pull_policy ?? 'always';
  const image = service.image ?? '';
  if (image === '') return service.provider === undefined ? 'no image to be pulled' : 'a provider has no image';
  if (policy === 'never' || policy === 'build') return `its pull_policy is "${policy}"`;
  const isKept = (policy === 'missing' || policy === 'if_not_present') && options.present.has(image);
  if (isKept && tagOf(image) !== 'latest') return 'image is already present locally';
  return options.ignoreBuildable && service.build !== undefined ? 'image can be built' : undefined;
}

/** A digest has no tag and cannot change. */
function tagOf(reference: string): string {
  if (reference.includes('@')) return '';
  return /:([^:/]+)$/.exec(reference)?.[1] ?? 'latest';
}
