import { createHash } from 'node:crypto';
import type { Network, Service, Volume } from '../../model/project.ts';
import { networkShape, volumeShape } from '../../model/project-shape.ts';
import { serviceShape } from '../../model/service-shape.ts';
import type { Shape } from '../../model/shape.ts';
import { emitJson } from './emit-json.ts';
import { ordered } from './ordered.ts';

/**
 * Docker Compose's service hash (label `com.docker.compose.config-hash`): SHA-256 in hex of the service's JSON without what does not
 * change a container. A caller that replaced `service:` namespaces or image volumes passes the service with them replaced.
 */
export function configHash(service: Service): string {
  const { build: _build, pull_policy: _policy, scale: _scale, depends_on: _dependencies, profiles: _profiles, ...rest } = service;
  if (rest.deploy === undefined) return hashOf(rest, serviceShape);
  const { replicas: _replicas, ...deploy } = rest.deploy;
  return hashOf({ ...rest, deploy }, serviceShape);
}

/** Docker Compose's network hash: SHA-256 in hex of the network's JSON. */
export function networkHash(network: Network): string {
  return hashOf(network, networkShape);
}

/** Docker Compose's volume hash: SHA-256 in hex of the volume's JSON, its driver `local` unless written. */
export function volumeHash(volume: Volume): string {
  return hashOf({ ...volume, driver: volume.driver || 'local' }, volumeShape);
}

function hashOf(value: unknown, shape: Shape): string {
  return createHash('sha256')
    .update(emitJson(ordered(value, shape, 'json'), 0))
    .digest('hex');
}
