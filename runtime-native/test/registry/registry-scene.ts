import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageSummary } from '#core/engine/specs.ts';
import { openTestStore, type TestStore } from '../images/test-store.ts';
import { type Disturbance, type DisturbingProxy, type Exchange, openDisturbingProxy } from './disturbing-proxy.ts';
import { startDockerRegistry } from './docker-registry.ts';
import { importSample } from './sample-image.ts';

/** A registry that has one image, `team/app:1`, and the store that it came from. */
export interface RegistryScene {
  readonly store: TestStore;
  readonly image: ImageSummary;
  /** A way to the registry that misbehaves as told. */
  proxied(disturb: (exchange: Exchange) => Disturbance): Promise<DisturbingProxy>;
  /** Whether an exchange is about the image's layer. */
  isLayer(exchange: Exchange): boolean;
}

/** Opens the scene for all tests of a file; it goes when the process ends. */
export async function registryScene(sizeBytes: number): Promise<RegistryScene> {
  const store = openTestStore();
  const registry = await startDockerRegistry({ directory: join(store.root, 'registry') });
  process.once('exit', () => {
    registry.kill();
    rmSync(store.root, { recursive: true, force: true });
  });
  const name = `127.0.0.1:${registry.port}/team/app:1`;
  const image = await importSample(store, name, sizeBytes);
  await store.store.push(name, () => {});
  return {
    store,
    image,
    proxied: (disturb) => openDisturbingProxy(registry.port, disturb),
    isLayer: ({ method, url }) => method === 'GET' && url.includes('/blobs/') && !url.includes(image.id),
  };
}
