import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ImageStoreContext } from './image-store-context.ts';
import { failureReason } from './pull-image.ts';
import { formatReference, parseReference } from './reference.ts';
import { readManifest } from './registry/read-manifest.ts';
import { openRegistry } from './registry/registry-client.ts';

/** The reference with the digest that its registry has for it now. See `Engine.pinReference`. */
export async function pinReference(context: ImageStoreContext, text: string, signal?: AbortSignal): Promise<string> {
  const parsed = parseReference(text);
  if (parsed.digest !== undefined) return formatReference(parsed);
  try {
    const client = await openRegistry({ reference: parsed, env: context.env ?? {}, signal });
    const { digest } = await readManifest(client, parsed.tag ?? 'latest');
    return formatReference({ ...parsed, digest });
  } catch (error) {
    const reason = failureReason(error);
    if (reason === undefined) throw error;
    throw new TscomposeError(diagnose('engine.pull-failed', { reference: text, reason }), { cause: error });
  }
}
