import { readRegistrySettings } from '../host/registry-settings.ts';
import { isDigest } from './digest.ts';
import { findImage } from './image-queries.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { parseReference } from './reference.ts';

/** What names without a host mean on this machine. */
export interface NameMeaning {
  /** The name with the configured registry, where one is configured and the name has no host: for what goes out. */
  outside(text: string): string;
  /** The name under which it is here: as `outside` says, else as Docker would read it. */
  here(text: string): string;
}

/** Names of the `registries.default` setting, which is read when the first name without a host comes. */
export function nameMeaning(context: ImageStoreContext): NameMeaning {
  let registry: string | undefined;
  const outside = (text: string): string => {
    if (!isShort(text)) return text;
    registry ??= readRegistrySettings(context.env ?? {}).defaultRegistry;
    return registry === 'docker.io' ? text : `${registry}/${text}`;
  };
  return {
    outside,
    here: (text) => {
      const name = outside(text);
      return name === text || findImage(context, name) === undefined ? text : name;
    },
  };
}

/** Without a host: neither `docker.io/…` nor an id. */
function isShort(text: string): boolean {
  if (isDigest(text) || /^(?:sha256:)?[0-9a-f]{64}$/.test(text) || /^(?:index\.)?docker\.io\//.test(text)) return false;
  return parseReference(text).registry === 'docker.io';
}
