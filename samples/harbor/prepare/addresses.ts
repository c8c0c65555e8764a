/** Where Harbor's services find each other in their network. */
export const addresses = {
  core: 'http://core:8080',
  jobservice: 'http://jobservice:8080',
  portal: 'http://portal:8080',
  registry: 'http://registry:5000',
  registryctl: 'http://registryctl:8080',
  trivy: 'http://trivy-adapter:8080',
} as const;

/** Who has which database of the one Redis. */
const redisDatabases = { core: 0, registry: 1, jobservice: 2, trivy: 5 } as const;

/** The URL of one of these databases. */
export function redisUrl(user: keyof typeof redisDatabases): string {
  const database = redisDatabases[user];
  return `redis://redis:6379${database === 0 ? '' : `/${database}`}?idle_timeout_seconds=30`;
}

/** The database that Harbor's own image makes. */
export const postgres = { host: 'postgresql', port: 5432, user: 'postgres', database: 'registry', sslMode: 'disable' } as const;
/** How many connections to it, and for how long. */
export const postgresPool = { idle: 100, open: 900, lifetime: '5m', idleTime: 0 } as const;
