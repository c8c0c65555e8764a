import type { Reference } from '../reference.ts';
import { openClient, type RegistryClient, type RegistryClientOptions } from './registry-client.ts';
import type { RegistryConnections } from './registry-connections.ts';
import { RegistryError } from './registry-error.ts';
import { type RegistrySource, registrySources } from './registry-sources.ts';

export interface RepositoryRequest extends Pick<RegistryClientOptions, 'signal' | 'onWait' | 'otherRepositories'> {
  readonly connections: RegistryConnections;
  readonly reference: Reference;
}

export interface PullRequest extends RepositoryRequest {
  /** Called when a mirror is given up. */
  readonly onMirrorFailure?: ((mirror: string, error: RegistryError) => void) | undefined;
}

/** What a pull needs of a registry and its mirrors. */
export interface PullClient extends Pick<RegistryClient, 'registry' | 'send'> {
  readonly hasMirrors: boolean;
  /** Without the mirrors: what came from one of them was wrong. */
  readonly origin: Pick<RegistryClient, 'registry' | 'send'>;
}

/** A client that may push to the repository of a reference. Mirrors are only for pulling. */
export async function openForPush(request: RepositoryRequest): Promise<RegistryClient> {
  const { reference, connections } = request;
  return clientAt(connections.origin(reference.registry), request, 'pull,push');
}

/**
 * A client that asks the mirrors first and the registry when none of them has it. A mirror that cannot be used is asked
 * once; it must not make a pull fail.
 */
export function openForPull(request: PullRequest): PullClient {
  const { reference, onMirrorFailure } = request;
  const sources = registrySources(reference.registry, request.connections.settings);
  const open = once((source: RegistrySource) => clientAt(source, request, 'pull'));
  const usable = new Set(sources.mirrors);
  const origin: PullClient['origin'] = {
    registry: reference.registry,
    send: async (wanted) => (await open(sources.origin)).send(wanted),
  };
  return {
    registry: reference.registry,
    hasMirrors: sources.mirrors.length > 0,
    origin,
    send: async (wanted) => {
      for (const mirror of usable) {
        try {
          return await (await open(mirror)).send({ ...wanted, once: true });
        } catch (error) {
          if (!(error instanceof RegistryError)) throw error;
          if (error.status === 404) continue;
          usable.delete(mirror);
          onMirrorFailure?.(mirror.registry, error);
        }
      }
      return origin.send(wanted);
    },
  };
}

async function clientAt(source: RegistrySource, request: RepositoryRequest, actions: string): Promise<RegistryClient> {
  const { reference, connections } = request;
  const endpoint = await connections.open(source);
  return openClient({ ...request, env: connections.env, endpoint, repository: reference.repository, actions });
}

/** Keeps the result for each argument; a failure is not kept. */
function once<A, T>(make: (argument: A) => Promise<T>): (argument: A) => Promise<T> {
  const made = new Map<A, Promise<T>>();
  return (argument) => {
    const known = made.get(argument);
    if (known !== undefined) return known;
    const promise = make(argument);
    made.set(argument, promise);
    promise.catch(() => made.delete(argument));
    return promise;
  };
}
