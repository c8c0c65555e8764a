import { join } from 'node:path';
import { diagnose } from '#core/builder/catalogue.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { commitImages } from '../../images/commit-image.ts';
import { HelperError } from '../../images/helper-client.ts';
import { invalid } from '../../images/image-document.ts';
import type { RegistryContext } from '../../images/image-store-context.ts';
import { parsePlatform } from '../../images/platform.ts';
import { registryConnections } from '../../images/registry/registry-connections.ts';
import { RegistryError } from '../../images/registry/registry-error.ts';
import { stageImage } from '../../images/stage-image.ts';
import type { BuildSession, ForeignCache } from '../build-session.ts';
import { stateConfig } from '../commit-state.ts';
import { type CacheStep, stackOf } from './cache-document.ts';
import { type OpenedCache, openCacheSource } from './open-cache-source.ts';

/** Opens nothing before the first step that is not in this machine's own cache. */
export function foreignCache(
  session: Pick<BuildSession, 'context' | 'store' | 'request' | 'platform' | 'signal' | 'workspace' | 'uniqueName'>,
): ForeignCache {
  const { signal, platform } = session;
  const { cacheFrom = [] } = session.request;
  let opened: Promise<OpenedCache[]> | undefined;
  const refused = new Set<Pick<OpenedCache, 'label'>>();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    find: async (keys, parent) => {
      opened ??= openAll();
      for (const cache of await opened) {
        if (refused.has(cache)) continue;
        const step = cache.document.steps.find((one) => one.keys.some((key) => keys.includes(key)));
        if (step === undefined) continue;
        // One at a time: what two steps share is fetched once.
        const fetched = turn.then(() => bring(session, { cache, step, parent }));
        turn = fetched.catch(() => {});
        try {
          const distrust = (reason: string): void => giveUp(cache, invalid(cache.label, reason));
          return { imageId: await fetched, step, distrust };
        } catch (error) {
          giveUp(cache, error);
        }
      }
      return undefined;
    },
  };

  async function openAll(): Promise<OpenedCache[]> {
    const connections = registryConnections(session.context.env);
    const context: RegistryContext = { ...session.store, connections: async () => connections };
    const all = await Promise.all(
      cacheFrom.map(async (source) => {
        try {
          return await openCacheSource(context, source, { platform: parsePlatform(platform), signal });
        } catch (error) {
          giveUp({ label: source.type === 'local' ? source.directory : source.reference }, error);
          return undefined;
        }
      }),
    );
    return all.filter((one) => one !== undefined);
  }

  /** A cache that is not there must not make a build fail; our own bugs and the user's Ctrl-C do. */
  function giveUp(cache: Pick<OpenedCache, 'label'>, error: unknown): void {
    signal.throwIfAborted();
    if (refused.has(cache)) return;
    refused.add(cache);
    const isForeign =
      error instanceof RegistryError ||
      error instanceof TscomposeError ||
      error instanceof HelperError ||
      (error instanceof Error && 'code' in error);
    if (!isForeign) throw error;
    session.context.notice(diagnose('build.cache-unusable', { cache: cache.label, reason: error.message }));
  }
}

async function bring(
  session: Pick<BuildSession, 'store' | 'platform' | 'signal' | 'workspace' | 'uniqueName'>,
  wish: { readonly cache: OpenedCache; readonly step: CacheStep; readonly parent: string | undefined },
): Promise<string> {
  const { store, workspace, signal } = session;
  const { cache, step, parent } = wish;
  const stack = stackOf(cache.document, step.layer);
  // A step adds one layer to the files that it was given, whatever else the list claims.
  if (stack === undefined || stack.chain.at(-2) !== parent) throw invalid(cache.label, `"${step.title}" stands on other files`);
  const isHere = store.database.prepare('SELECT 1 FROM layers WHERE chain_id = ?');
  const staged = await stageImage(
    { context: store, workspace, source: cache.label, signal, layers: new Map() },
    {
      config: stateConfig(
        session.platform,
        stack.layers.map(({ diffId }) => diffId),
      ),
      layers: stack.layers.map(({ blob }, index) => {
        const known = isHere.get(stack.chain[index] ?? '') !== undefined;
        const target = join(workspace.path, session.uniqueName('cached'));
        return {
          // What is here already may be wrapped otherwise: it need not come again.
          ...(known ? {} : { descriptor: blob }),
          isOwnFile: true,
          open: async () => {
            await cache.fetch(blob, target);
            return { path: target, offset: 0, length: blob.size };
          },
        };
      }),
      references: [],
    },
  );
  signal.throwIfAborted();
  const [imageId = ''] = commitImages(store, workspace, [staged]);
  return imageId;
}
