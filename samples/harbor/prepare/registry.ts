import { stringify } from 'yaml';
import type { Secrets } from './secrets.ts';

/** config.yml of the registry: images in /storage, only core and its fellows may come in. */
export function registryConfig(secrets: Secrets): string {
  return stringify({
    version: 0.1,
    log: { level: 'info', fields: { service: 'registry' } },
    storage: {
      cache: { layerinfo: 'redis' },
      filesystem: { rootdirectory: '/storage' },
      maintenance: { uploadpurging: { enabled: true, age: '168h', interval: '24h', dryrun: false } },
      delete: { enabled: true },
    },
    redis: {
      addr: 'redis:6379',
      db: 1,
      dialtimeout: '10s',
      readtimeout: '10s',
      writetimeout: '10s',
      pool: { maxidle: 100, maxactive: 500, idletimeout: '60s' },
    },
    http: { addr: ':5000', secret: secrets.registryHttpSecret, debug: { addr: 'localhost:5001' } },
    auth: { htpasswd: { realm: 'harbor-registry-basic-realm', path: '/etc/registry/passwd' } },
    validation: { disabled: true },
    compatibility: { schema1: { enabled: true } },
  });
}

/** config.yml of the registry's controller. */
export const registryctlConfig = stringify({
  protocol: 'http',
  port: 8080,
  log_level: 'info',
  registry_config: '/etc/registry/config.yml',
});
