import type { RegistryContext } from './image-store-context.ts';
import { formatReference, parseReference } from './reference.ts';
import { pullFailure } from './registry/failure.ts';
import { openForPull } from './registry/open-repository.ts';
import { readManifest } from './registry/read-manifest.ts';

/** The reference with the digest that its registry has for it now. See `Engine.pinReference`. */
export async function pinReference(context: RegistryContext, text: string, signal?: AbortSignal): Promise<string> {
  const parsed = parseReference(text);
  if (parsed.digest !== undefined) return formatReference(parsed);
  try {
    const client = openForPull({ reference: parsed, connections: await context.connections(), signal });
    const { digest } = await readManifest(client, parsed.tag ?? 'latest');
    return formatReference({ ...parsed, digest });
  } catch (error) {
    throw pullFailure(text, error);
  }
}
