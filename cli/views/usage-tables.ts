import type { BuildCacheEntry } from '#core/builder/request.ts';
import type { DiskUsage } from '#core/engine/store.ts';
import { repositoryAndTag } from './image-name.ts';
import { shortId } from './image-rows.ts';
import { sizeText } from './sizes.ts';
import { listStyle, tableText } from './table.ts';

/** One kind of thing that takes space, in the fields of `docker system df`. */
export interface UsageRow extends Readonly<Record<string, unknown>> {
  readonly Type: string;
  readonly TotalCount: string;
  readonly Active: string;
  readonly Size: string;
  readonly Reclaimable: string;
}

const isUp = (state: string): boolean => state === 'running' || state === 'paused' || state === 'restarting';

/** The summary by kind. Logs count as their container's; what an image shares with the build cache counts in both. */
export function usageRows(usage: DiskUsage, buildCache: readonly BuildCacheEntry[] = []): readonly UsageRow[] {
  const sum = (bytes: readonly number[]): number => bytes.reduce((total, one) => total + one, 0);
  const containerBytes = (isWanted: (state: string) => boolean) =>
    sum(usage.containers.filter((one) => isWanted(one.state)).map((one) => one.writableBytes + one.logBytes));
  const volumeBytes = (isWanted: (users: number) => boolean) =>
    sum(usage.volumes.filter((one) => isWanted(one.usedBy.length)).map((one) => one.sizeBytes));
  const row = (Type: string, counts: readonly [number, number], sizes: readonly [number, number]): UsageRow => ({
    Type,
    TotalCount: String(counts[0]),
    Active: String(counts[1]),
    Size: sizeText(sizes[0]),
    Reclaimable: `${sizeText(sizes[1])}${sizes[0] > 0 ? ` (${Math.floor((100 * sizes[1]) / sizes[0])}%)` : ''}`,
  });
  const { images, containers, volumes } = usage;
  return [
    row(
      'Images',
      [images.length, images.filter((one) => one.usedBy.length > 0).length],
      [usage.imageBytes, usage.reclaimableImageBytes],
    ),
    row(
      'Containers',
      [containers.length, containers.filter((one) => isUp(one.state)).length],
      [containerBytes(() => true), containerBytes((state) => !isUp(state))],
    ),
    row(
      'Local Volumes',
      [volumes.length, volumes.filter((one) => one.usedBy.length > 0).length],
      [volumeBytes(() => true), volumeBytes((users) => users === 0)],
    ),
    row(
      'Build Cache',
      [buildCache.length, buildCache.filter((one) => one.isInUse).length],
      [sum(buildCache.map((one) => one.sizeBytes)), sum(buildCache.flatMap((one) => (one.isInUse ? [] : [one.sizeBytes])))],
    ),
  ];
}

/** What each stack takes: its containers, their logs, its volumes, and the images that only it needs. */
export function stackTable(usage: DiskUsage): string {
  const projects = [...new Set([...usage.containers, ...usage.volumes].flatMap((one) => one.project ?? []))].sort();
  if (projects.length === 0) return '';
  const sum = (bytes: readonly number[]): string => sizeText(bytes.reduce((total, one) => total + one, 0));
  const rows = projects.map((project) => {
    const containers = usage.containers.filter((one) => one.project === project);
    const volumes = usage.volumes.filter((one) => one.project === project);
    const names = new Set(containers.map((one) => one.name));
    const images = usage.images.filter((one) => one.usedBy.length > 0 && one.usedBy.every((name) => names.has(name)));
    return [
      project,
      `${containers.filter((one) => isUp(one.state)).length}/${containers.length}`,
      sum(containers.map((one) => one.writableBytes)),
      sum(containers.map((one) => one.logBytes)),
      `${volumes.length}`,
      sum(volumes.map((one) => one.sizeBytes)),
      sum(images.map((one) => one.uniqueBytes)),
    ];
  });
  const header = ['STACK', 'RUNNING', 'WRITTEN', 'LOGS', 'VOLUMES', 'VOLUME SIZE', 'ONLY ITS IMAGES'];
  return tableText([header, ...rows], { min: 10, gap: 3 });
}

/** Everything by itself, with what keeps it alive. */
export function detailTables(usage: DiskUsage): string {
  const kept = (users: readonly string[], otherwise: string): string => (users.length > 0 ? users.join(', ') : otherwise);
  const images = usage.images.flatMap((image) =>
    (image.references.length === 0 ? [undefined] : image.references).map((name) => {
      const { repository, tag } = name === undefined ? { repository: '<none>', tag: '<none>' } : repositoryAndTag(name);
      const sizes = [image.sizeBytes, image.sharedBytes, image.uniqueBytes].map((bytes) => sizeText(bytes));
      return [repository, tag, shortId(image.id), ...sizes, kept(image.usedBy, name === undefined ? 'nothing' : 'its name')];
    }),
  );
  const containers = usage.containers.map((one) => [
    one.name,
    one.project,
    one.image,
    sizeText(one.writableBytes),
    sizeText(one.logBytes),
    one.state,
  ]);
  const volumes = usage.volumes.map((one) => [
    one.name,
    one.project ?? '',
    sizeText(one.sizeBytes),
    kept(one.usedBy, one.anonymous ? 'nothing' : 'its name'),
  ]);
  const networks = usage.networks.map((one) => [one.name, one.project ?? '', kept(one.usedBy, 'nothing')]);
  const section = (title: string, header: readonly string[], rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : [`${title}\n\n${tableText([header, ...rows], listStyle)}`];
  return [
    ...section('Images:', ['REPOSITORY', 'TAG', 'IMAGE ID', 'SIZE', 'SHARED SIZE', 'UNIQUE SIZE', 'KEPT BY'], images),
    ...section('Containers:', ['NAME', 'STACK', 'IMAGE', 'WRITTEN', 'LOG', 'STATE'], containers),
    ...section('Volumes:', ['NAME', 'STACK', 'SIZE', 'KEPT BY'], volumes),
    ...section('Networks:', ['NAME', 'STACK', 'KEPT BY'], networks),
  ].join('\n');
}
