import type { ImageSummary } from '#core/engine/specs.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { command } from '../args/command.ts';
import { humanDuration } from '../views/durations.ts';
import { repositoryAndTag } from '../views/image-name.ts';
import { sizeText } from '../views/sizes.ts';
import { listStyle, tableText } from '../views/table.ts';
import { projectName } from './flow/model.ts';
import { containersOf } from './flow/pick.ts';

export const images = command({
  name: 'images',
  summary: 'List images used by the containers',
  flags: {
    format: { type: 'string', choices: ['table', 'json'], default: 'table', help: 'Form of the output' },
    quiet: { type: 'boolean', alias: 'q', help: 'Only image ids' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, operands, context }) {
    const project = await projectName(context);
    const engine = await context.engine();
    const shown = await containersOf(engine, { project, services: operands });
    const local = new Map((await engine.listImages()).map((image) => [image.id, image]));
    const tagged = new Map<string, string | undefined>();
    for (const id of flags.format === 'json' ? new Set(shown.map((one) => one.imageId)) : [])
      tagged.set(id, (await engine.describeImage(id))?.taggedAt);
    const rows = shown.map((one) => imageRow(one, { image: local.get(one.imageId), taggedAt: tagged.get(one.imageId) }));
    const nowMs = context.host.now();
    if (flags.quiet) {
      context.output.result([...new Set(rows.map((row) => row.ID.replace('sha256:', '')))].map((id) => `${id}\n`).join(''));
    } else if (flags.format === 'json') {
      context.output.result(`${JSON.stringify(rows)}\n`);
    } else {
      const header = ['CONTAINER', 'REPOSITORY', 'TAG', 'PLATFORM', 'IMAGE ID', 'SIZE', 'CREATED'];
      context.output.result(tableText([header, ...rows.map((row) => cells(row, nowMs))], listStyle));
    }
    return 0;
  },
});

interface ImageRow {
  readonly ID: string;
  readonly ContainerName: string;
  readonly Repository: string;
  readonly Tag: string;
  readonly Platform: string;
  readonly Size: number;
  readonly Created: string | null;
  readonly LastTagTime: string;
}

/** An image that is gone shows as the container's own id, as with Docker Compose. */
function imageRow(
  container: ObservedContainer,
  {
    image,
    taggedAt = '0001-01-01T00:00:00Z',
  }: { readonly image: ImageSummary | undefined; readonly taggedAt: string | undefined },
): ImageRow {
  const { repository, tag } = repositoryAndTag(container.image);
  const platform = image?.platform;
  return {
    ID: image?.id ?? container.imageId,
    ContainerName: container.name,
    Repository: image === undefined ? '<none>' : repository,
    Tag: image === undefined ? '<none>' : tag,
    Platform: platform === undefined ? 'N/A' : [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/'),
    Size: image?.sizeBytes ?? 0,
    Created: image?.createdAt ?? null,
    LastTagTime: taggedAt,
  };
}

function cells(row: ImageRow, nowMs: number): string[] {
  const created = row.Created === null ? 'N/A' : `${humanDuration(nowMs - Date.parse(row.Created))} ago`;
  const id = row.ID.replace('sha256:', '').slice(0, 12);
  return [row.ContainerName, row.Repository, row.Tag, row.Platform, id, row.Size === 0 ? 'N/A' : sizeText(row.Size), created];
}
