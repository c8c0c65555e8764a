import { type RegistrySettings, readRegistrySettings } from '../../host/registry-settings.ts';
import { type Endpoint, openEndpoint } from './endpoint.ts';
import { type Limiter, limiter } from './limiter.ts';
import { type RegistrySource, registrySources } from './registry-sources.ts';

/** What all pulls and pushes of a process share: settings, connections and a bound. */
export interface RegistryConnections {
  readonly env: NodeJS.ProcessEnv;
  readonly settings: RegistrySettings;
  /** The place where a registry itself is, by its name in references. */
  origin(registry: string): RegistrySource;
  /** Mirrors and origin are opened once. */
  open(source: RegistrySource): Promise<Endpoint>;
  readonly downloads: Limiter;
}

/** So many layers are downloaded at once, whatever the number of images. */
const downloadsAtOnce = 6;

/** Reads the settings, adds registries that may be insecure; connects when it is asked. Throws `engine.settings-invalid`. */
export function registryConnections(
  env: NodeJS.ProcessEnv,
  { insecure = [] }: { readonly insecure?: readonly string[] } = {},
): RegistryConnections {
  const read = readRegistrySettings(env);
  const settings = { ...read, insecure: [...read.insecure, ...insecure] };
  const opened = new Map<string, Promise<Endpoint>>();
  return {
    env,
    settings,
    origin: (registry) => registrySources(registry, settings).origin,
    open: (source) => {
      const key = JSON.stringify(source);
      const known = opened.get(key);
      if (known !== undefined) return known;
      const endpoint = openEndpoint(source, { env, settings });
      opened.set(key, endpoint);
      endpoint.catch(() => opened.delete(key));
      return endpoint;
    },
    downloads: limiter(downloadsAtOnce),
  };
}
