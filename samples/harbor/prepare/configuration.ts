import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { preparedFiles, type Readers } from '../../prepare/prepared-files.ts';
import { publicAddress } from '../../prepare/public-address.ts';
import type { Settings } from '../../prepare/settings.ts';
import { coreConfig, coreEnvironment } from './core.ts';
import { environmentFile } from './environment-file.ts';
import { exporterEnvironment, trivyEnvironment } from './extras.ts';
import { jobserviceConfig, jobserviceEnvironment } from './jobservice.ts';
import { logrotateConfig, rsyslogConfig } from './log.ts';
import { portalConfig } from './portal.ts';
import { proxyConfig } from './proxy.ts';
import { registryConfig, registryctlConfig } from './registry.ts';
import type { Secrets } from './secrets.ts';

/** Who reads a file: everybody, Harbor's user, or root, which reads env files for the containers. */
const everybody: Readers = {};
const harbor: Readers = { owner: 10_000 };
const root: Readers = { owner: 0 };

/** Writes `prepared/config` and `.env` anew; the same settings and secrets give the same files. */
export function prepareConfiguration(request: {
  readonly directory: string;
  readonly settings: Settings;
  readonly secrets: Secrets;
}): void {
  const { directory, settings, secrets } = request;
  const files = preparedFiles(join(directory, 'prepared/config'));
  const all: readonly (readonly [name: string, text: string, readers: Readers])[] = [
    ['log/logrotate.conf', logrotateConfig, everybody],
    ['log/rsyslog_docker.conf', rsyslogConfig, everybody],
    ['nginx/nginx.conf', proxyConfig(settings), harbor],
    ['portal/nginx.conf', portalConfig, harbor],
    ['core/app.conf', coreConfig, harbor],
    ['core/env', coreEnvironment(settings, secrets), root],
    ['db/env', environmentFile({ POSTGRES_PASSWORD: secrets.databasePassword }), root],
    ['jobservice/config.yml', jobserviceConfig, harbor],
    ['jobservice/env', jobserviceEnvironment(secrets), root],
    ['registry/config.yml', registryConfig(secrets), harbor],
    ['registry/passwd', `${secrets.registryPasswordLine}\n`, harbor],
    ['registryctl/config.yml', registryctlConfig, harbor],
    ['registryctl/env', environmentFile({ CORE_SECRET: secrets.coreSecret, JOBSERVICE_SECRET: secrets.jobserviceSecret }), root],
    ['trivy-adapter/env', trivyEnvironment, root],
    ['exporter/env', exporterEnvironment(secrets), root],
  ];
  for (const [name, text, readers] of all) files.write(name, text, readers);
  // Certificates that the services should trust, of an S3 storage say, are put here by hand.
  for (const name of ['shared/trust-certificates', 'core/certificates', 'nginx/conf.d'])
    mkdirSync(files.path(name), { recursive: true });
  preparedFiles(directory).write('.env', composeEnvironment(settings));
}

/** The variables of compose.yaml, and the profiles that the settings switch on. */
function composeEnvironment(settings: Settings): string {
  const profiles = ['trivy', 'metrics'].filter((name) => settings.switches.includes(name));
  return `# Made by prepare.ts from settings.yaml for ${publicAddress(settings)}.
HARBOR_VERSION=${settings.version}
HARBOR_REDIS_IMAGE=${redisImage(settings.version)}
DATA_VOLUME=${settings.dataVolume}
LOG_DIRECTORY=${settings.dataVolume}/logs
HTTP_PORT=${settings.httpPort}
HTTPS_PORT=${settings.httpsPort}
LOG_PORT=${settings.logPort}
COMPOSE_PROFILES=${profiles.join(',')}
`;
}

/** Harbor went over to Valkey in 2.15.2; a version that is not a release's is taken for a newer one. */
function redisImage(version: string): string {
  const [, major, minor, patch] = /^v(\d+)\.(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return 'valkey-photon';
  const isOlder = major < 2 || (major === 2 && (minor < 15 || (minor === 15 && patch < 2)));
  return isOlder ? 'redis-photon' : 'valkey-photon';
}
