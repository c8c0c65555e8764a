import type { Project } from '#core/model/project.ts';
import type { Observed } from '#core/observe/observed.ts';
import { planText } from '#core/plan/text.ts';
import { planUp } from '#core/plan/up.ts';

/** The text of what `up -d --wait` would do where there is nothing but the project's images and files. */
export function planOnEmptyMachine(project: Project): string {
  const { plan } = planUp(project, emptyMachine(project), {
    services: [],
    recreate: 'diverged',
    recreateDependencies: 'diverged',
    withoutDependencies: false,
    withoutStart: false,
    removeOrphans: false,
    ignoreOrphans: false,
    renewAnonymousVolumes: false,
    scale: {},
    wait: true,
    pull: 'never',
    recreateVolumes: false,
  });
  return planText(plan);
}

function emptyMachine(project: Project): Observed {
  const image = (name: string) => ({
    id: `sha256:${name}`,
    digest: `sha256:${name}`,
    references: [name],
    createdAt: '2026-01-01T00:00:00Z',
    sizeBytes: 1,
    platform: { os: 'linux', architecture: 'amd64' },
    config: {},
    layers: [],
  });
  const images = Object.values(project.services).flatMap((service) => service.image ?? []);
  const files = [...Object.values(project.configs ?? {}), ...Object.values(project.secrets ?? {})].flatMap(
    ({ file }) => file ?? [],
  );
  return {
    project: project.name,
    containers: [],
    networks: [],
    volumes: [],
    images: Object.fromEntries(images.map((name) => [name, image(name)])),
    heldPorts: [],
    fileDigests: Object.fromEntries(files.map((file) => [file, 'sha256:1'])),
  };
}
