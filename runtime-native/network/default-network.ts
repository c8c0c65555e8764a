import { hasCode } from '#core/diagnostics/error.ts';
import type { EngineContext } from '../engine-context.ts';
import { createNetwork, removeNetwork } from './networks.ts';
import { plainBridge } from './plain-bridge.ts';
import { attachedContainers, findNetwork } from './stored-network.ts';

/** What `network_mode: bridge` means: one network of the engine, for containers that ask for none of their own. */
export const defaultNetwork = 'bridge';

/** Makes the default network when it is not there; another command may be making it. */
export async function ensureDefaultNetwork(context: EngineContext): Promise<void> {
  if (findNetwork(context.database, defaultNetwork) !== undefined) return;
  try {
    await createNetwork(context, plainBridge(defaultNetwork));
  } catch (error) {
    if (!hasCode(error, 'engine.name-taken')) throw error;
  }
}

/** Removes it when the last container that used it is gone. */
export async function dropDefaultNetwork(context: EngineContext): Promise<void> {
  const network = findNetwork(context.database, defaultNetwork);
  if (network === undefined || attachedContainers(context.database, network.id).length > 0) return;
  await removeNetwork(context, defaultNetwork);
}
