import type { BuildRequest } from '#core/builder/request.ts';
import { hostPlatform, parsePlatform, platformFit } from '../images/platform.ts';

/** `os/architecture[/variant]` of each image that is built; at least one. */
export function buildPlatforms(
  request: Pick<BuildRequest, 'platform' | 'platforms' | 'allPlatforms'>,
): readonly [string, ...string[]] {
  const own = hostPlatform();
  if (request.platform !== undefined) return [platformText(request.platform)];
  const [first, ...others] = [...new Set((request.platforms ?? []).map(platformText))];
  if (first === undefined) return [ownPlatform()];
  if (request.allPlatforms === true) return [first, ...others];
  return [[first, ...others].find((one) => platformFit(own, parsePlatform(one)) > 0) ?? first];
}

/** This machine's. */
export function ownPlatform(): string {
  const { os, architecture, variant } = hostPlatform();
  return [os, architecture, variant].filter((part) => part !== undefined).join('/');
}

/** In the words of images: `aarch64` is `linux/arm64`. */
function platformText(text: string): string {
  const { os, architecture, variant } = parsePlatform(text);
  return [os, architecture, variant].filter((part) => part !== undefined).join('/');
}
