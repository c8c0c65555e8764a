import type { ProviderVariable } from '../engine/provider.ts';
import type { ActionOf } from '../plan/plan.ts';
import type { Context } from './context.ts';

/** Runs a provider's program; what it says of its progress goes out as events. */
export async function runProvider(
  action: ActionOf<'provider.run'>,
  { engine, project, emit }: Context,
  signal: AbortSignal,
): Promise<readonly ProviderVariable[]> {
  const request = {
    command: action.command,
    project: project.name,
    service: action.service,
    type: action.provider,
    options: project.services[action.service]?.provider?.options ?? {},
  };
  return engine.runProvider(
    request,
    ({ level, text }) => {
      if (level === 'info') emit({ type: 'action-message', action, text });
    },
    signal,
  );
}
