import type { Project } from '../model/project.ts';
import { imageOf } from '../model/service-references.ts';
import type { Draft, Node } from './draft.ts';
import type { Reason } from './reason.ts';

/** Adds builds to a plan: one for each thing that is built, after those whose images it begins with or copies from. */
export interface BuildDraft {
  /** The build of a service; services with the same section and image share one. */
  add(service: string, reason: Reason): Node;
  /** Puts the builds in order; call it when all are there. */
  arrange(): void;
}

export function buildDraft(request: {
  readonly draft: Draft;
  readonly project: Project;
  readonly bases: Readonly<Record<string, readonly string[]>>;
  /** Images for every platform that a build section names, not only for the one that runs here. */
  readonly allPlatforms?: boolean;
}): BuildDraft {
  const { draft, project, bases } = request;
  const nodes = new Map<string, Node>();
  const byService = new Map<string, Node>();
  const everyPlatform = request.allPlatforms === true ? { allPlatforms: true } : {};
  const builds: BuildDraft = {
    add(name, reason) {
      const known = byService.get(name);
      if (known !== undefined) return known;
      const service = project.services[name];
      if (service?.build === undefined) throw new Error(`service "${name}" has no build`);
      const reference = imageOf(project, name, service);
      const key = JSON.stringify([reference, service.build]);
      const node = nodes.get(key) ?? draft.add('image.build', { service: name, reference, ...everyPlatform }, { reason });
      nodes.set(key, node);
      byService.set(name, node);
      // Service contexts pull those services in.
      for (const other of contextServices(project, name)) builds.add(other, reason);
      return node;
    },
    arrange() {
      for (const [name, node] of byService) {
        for (const other of dependencies(name)) {
          const before = byService.get(other);
          if (before !== undefined && before !== node) draft.order(node, [before]);
        }
      }
    },
  };
  return builds;

  function dependencies(name: string): readonly string[] {
    const named = contextServices(project, name);
    const images = new Set(bases[name] ?? []);
    const own = project.services[name];
    const makers = [...byService.keys()].filter((other) => {
      const service = project.services[other];
      if (service === undefined || other === name || own === undefined) return false;
      const reference = imageOf(project, other, service);
      return images.has(reference) && reference !== imageOf(project, name, own);
    });
    return [...named, ...makers];
  }
}

/** Buildable services that a service's `additional_contexts` name. */
function contextServices(project: Project, name: string): readonly string[] {
  const contexts = project.services[name]?.build?.additional_contexts ?? {};
  return Object.values(contexts).flatMap((source) => {
    const other = source.startsWith('service:') ? source.slice('service:'.length) : undefined;
    return other !== undefined && other !== name && project.services[other]?.build !== undefined ? [other] : [];
  });
}
