import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the Docker command line looks for plugins, the user's first. */
function pluginDirectories(env: NodeJS.ProcessEnv): readonly string[] {
  const own = env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
  const system = ['/usr/local/lib/docker', '/usr/local/libexec/docker', '/usr/lib/docker', '/usr/libexec/docker'];
  return [own, ...system].map((directory) => join(directory, 'cli-plugins'));
}

/** The program of a provider type: a plugin `docker-<type>`, else `<type>` in PATH; undefined: there is none, or the name is a path. */
export function findProvider(type: string, env: NodeJS.ProcessEnv): string | undefined {
  if (type === '' || type === 'compose' || type.includes('/')) return undefined;
  const path = (env['PATH'] ?? '').split(':').filter((one) => one.startsWith('/'));
  const candidates = [
    ...pluginDirectories(env).map((directory) => join(directory, `docker-${type}`)),
    ...path.map((directory) => join(directory, type)),
  ];
  return candidates.find((one) => {
    try {
      accessSync(one, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
