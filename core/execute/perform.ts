import type { BuildEvent } from '../builder/request.ts';
import type { StopOptions } from '../engine/engine.ts';
import type { Action } from '../plan/plan.ts';
import { unreachable } from '../unreachable.ts';
import { awaitCondition } from './await-condition.ts';
import { awaitHook } from './await-hook.ts';
import { buildRequest } from './build-request.ts';
import type { Context } from './context.ts';
import { createContainer } from './create-container.ts';
import { networkSpec, volumeSpec } from './resource-spec.ts';
import { containerId } from './results.ts';
import { runHook } from './run-hook.ts';
import { runProvider } from './run-provider.ts';

/** Does one action: exactly one writing engine call. What later actions need of it goes into `context.results`. */
export async function perform(action: Action, context: Context, signal: AbortSignal): Promise<void> {
  const { engine, project, hashes, results } = context;
  switch (action.kind) {
    case 'image.pull': {
      const options = action.platform === undefined ? {} : { platform: action.platform };
      const image = await engine.pullImage(action.reference, options, (progress) => emitProgress(progress), signal);
      results.images.set(action.reference, image);
      return;
    }
    case 'image.push':
      await engine.pushImage(action.reference, (progress) => emitProgress(progress), signal);
      return;
    case 'image.build': {
      const onEvent = (event: BuildEvent) => context.emit({ type: 'build-event', action, event });
      const image = await engine.buildImage(buildRequest(project, action.service, action), onEvent, signal);
      results.images.set(action.reference, image);
      return;
    }
    case 'image.remove':
      await engine.removeImage(action.reference, {});
      return;
    case 'provider.run':
      results.variables.set(action.service, await runProvider(action, context, signal));
      return;
    case 'network.create':
      return engine.createNetwork(networkSpec(project, action.network, hashes.network), signal);
    case 'network.remove':
      return engine.removeNetwork(action.name, signal);
    case 'volume.create':
      return engine.createVolume(volumeSpec(project, action.volume, hashes.volume), signal);
    case 'volume.remove':
      return engine.removeVolume(action.name, signal);
    case 'container.create':
      results.containers.set(action.id, await createContainer(action, context, signal));
      return;
    case 'container.start':
      return context.start(action, idOf(action), signal);
    case 'container.stop':
      return engine.stopContainer(idOf(action), stopOptions(action), signal);
    case 'container.kill':
      return engine.killContainer(idOf(action), action.signal, signal);
    case 'container.remove': {
      const id = idOf(action);
      await engine.removeContainer(id, { volumes: action.volumes }, signal);
      results.removedContainers.add(id);
      return;
    }
    case 'container.rename':
      return engine.renameContainer(idOf(action), action.name, signal);
    case 'container.pause':
      return engine.pauseContainer(idOf(action), signal);
    case 'container.unpause':
      return engine.unpauseContainer(idOf(action), signal);
    case 'container.await':
      return action.preStart === undefined
        ? awaitCondition(action, { engine, id: idOf(action) }, signal)
        : awaitHook(action, { engine, id: idOf(action), emit: context.emit }, signal);
    case 'container.hook':
      return runHook(action, { engine, project, id: idOf(action), emit: context.emit }, signal);
    default:
      return unreachable(action);
  }

  function idOf({ container }: { readonly container: string }): string {
    return containerId(container, results);
  }

  function emitProgress({ layer, doneBytes, totalBytes }: { layer?: string; doneBytes: number; totalBytes: number }): void {
    context.emit({
      type: 'action-progress',
      action,
      ...(layer === undefined ? {} : { part: layer }),
      done: doneBytes,
      total: totalBytes,
      unit: 'bytes',
    });
  }
}

function stopOptions({ timeoutMs, isResumable }: StopOptions): StopOptions {
  return { ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(isResumable === undefined ? {} : { isResumable }) };
}
