import type { FileSpec } from '../engine/specs.ts';
import type { FileObject, FileReference, Project, Service } from '../model/project.ts';
import { fileMode } from '../model/units.ts';

/**
 * Configs and secrets of a service as files; defaults: `/<name>` and `/run/secrets/<name>`, owner root, mode 0444. A host file is mounted
 * as it is, unless owner or mode are written: then the container has a copy.
 */
export function serviceFiles(project: Project, service: Service): readonly FileSpec[] {
  return [
    ...(service.configs ?? []).flatMap((use) =>
      fileSpec(use, { object: project.configs[use.source], directory: '/', secret: false }),
    ),
    ...(service.secrets ?? []).flatMap((use) =>
      fileSpec(use, { object: project.secrets[use.source], directory: '/run/secrets/', secret: true }),
    ),
  ];
}

function fileSpec(
  use: FileReference,
  { object, directory, secret }: { object: FileObject | undefined; directory: string; secret: boolean },
): readonly FileSpec[] {
  const copy = use.uid !== undefined || use.gid !== undefined || use.mode !== undefined;
  const source =
    object?.file !== undefined
      ? { path: object.file, ...(copy ? { copy } : {}) }
      : object?.content !== undefined
        ? { content: object.content }
        : undefined;
  if (source === undefined)
    throw new Error(`${secret ? 'secret' : 'config'} "${use.source}" without a source passed the planner`);
  const target = use.target ?? use.source;
  return [
    {
      target: target.startsWith('/') ? target : directory + target,
      source,
      uid: Number(use.uid ?? 0),
      gid: Number(use.gid ?? 0),
      mode: use.mode === undefined ? 0o444 : fileMode(use.mode),
      secret,
    },
  ];
}
