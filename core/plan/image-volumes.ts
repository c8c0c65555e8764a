import type { ImageSummary } from '../engine/specs.ts';
import type { Service } from '../model/project.ts';

/** Value of the label `com.docker.compose.image-volume-digest`: `target=digest` of every `type: image` mount, sorted; empty without any. */
export function imageVolumeDigests(service: Service, images: Readonly<Record<string, ImageSummary>>): string {
  return (service.volumes ?? [])
    .flatMap((mount) => (mount.type === 'image' && mount.source ? [`${mount.target}=${images[mount.source]?.digest ?? ''}`] : []))
    .sort()
    .join(',');
}
