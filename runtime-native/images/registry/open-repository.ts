import type { Reference } from '../reference.ts';
import { openEndpoint } from './endpoint.ts';
import { openClient, type RegistryClient, type RegistryClientOptions } from './registry-client.ts';

export interface RepositoryRequest extends Pick<RegistryClientOptions, 'env' | 'signal' | 'onWait' | 'otherRepositories'> {
  readonly reference: Reference;
}

/** A client that may push to the repository of a reference. */
export async function openForPush(request: RepositoryRequest): Promise<RegistryClient> {
  const { reference, env, signal } = request;
  const endpoint = await openEndpoint({ registry: reference.registry, env, signal });
  return openClient({ ...request, endpoint, repository: reference.repository, actions: 'pull,push' });
}

/** A client that pulls. */
export async function openForPull(request: RepositoryRequest): Promise<RegistryClient> {
  const { reference, env, signal } = request;
  const endpoint = await openEndpoint({ registry: reference.registry, env, signal });
  return openClient({ ...request, endpoint, repository: reference.repository, actions: 'pull' });
}
