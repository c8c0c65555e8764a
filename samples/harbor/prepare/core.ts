import { publicAddress } from '../../prepare/public-address.ts';
import type { Settings } from '../../prepare/settings.ts';
import { addresses, postgres, postgresPool, redisUrl } from './addresses.ts';
import { environmentFile } from './environment-file.ts';
import { registryUser, type Secrets } from './secrets.ts';

/** app.conf of core. */
export const coreConfig = `appname = Harbor
runmode = prod
enablegzip = true

[prod]
httpport = 8080
`;

/** Registries that Harbor may mirror, and those that it may replicate with. */
const mirrored = 'docker-hub,harbor,azure-acr,ali-acr,aws-ecr,google-gcr,docker-registry,github-ghcr,jfrog-artifactory';
const replicated = `${mirrored},huawei-SWR,tencent-tcr,volcengine-cr`;

/** The environment of core. */
export function coreEnvironment(settings: Settings, secrets: Secrets): string {
  return environmentFile({
    CONFIG_PATH: '/etc/core/app.conf',
    PORT: 8080,
    LOG_LEVEL: 'info',
    EXT_ENDPOINT: `https://${publicAddress(settings)}`,
    HARBOR_ADMIN_PASSWORD: secrets.adminPassword,
    ...databaseEnvironment(secrets),
    _REDIS_URL_CORE: redisUrl('core'),
    _REDIS_URL_REG: redisUrl('registry'),
    CORE_URL: addresses.core,
    CORE_LOCAL_URL: 'http://127.0.0.1:8080',
    TOKEN_SERVICE_URL: `${addresses.core}/service/token`,
    PORTAL_URL: addresses.portal,
    JOBSERVICE_URL: addresses.jobservice,
    REGISTRY_URL: addresses.registry,
    REGISTRY_CONTROLLER_URL: addresses.registryctl,
    TRIVY_ADAPTER_URL: addresses.trivy,
    WITH_TRIVY: settings.switches.includes('trivy'),
    REGISTRY_STORAGE_PROVIDER_NAME: 'filesystem',
    REGISTRY_CREDENTIAL_USERNAME: registryUser,
    REGISTRY_CREDENTIAL_PASSWORD: secrets.registryPassword,
    CORE_SECRET: secrets.coreSecret,
    JOBSERVICE_SECRET: secrets.jobserviceSecret,
    CSRF_KEY: secrets.csrfKey,
    ROBOT_SCANNER_NAME_PREFIX: secrets.scanRobotPrefix,
    MAX_JOB_WORKERS: 10,
    READ_ONLY: false,
    RELOAD_KEY: '',
    PERMITTED_REGISTRY_TYPES_FOR_PROXY_CACHE: mirrored,
    REPLICATION_ADAPTER_WHITELIST: replicated,
    UAA_CA_ROOT: '/etc/core/certificates/uaa_ca.pem',
    HTTP_PROXY: '',
    HTTPS_PROXY: '',
    NO_PROXY: '',
  });
}

function databaseEnvironment(secrets: Secrets): Readonly<Record<string, string | number>> {
  return {
    DATABASE_TYPE: 'postgresql',
    POSTGRESQL_HOST: postgres.host,
    POSTGRESQL_PORT: postgres.port,
    POSTGRESQL_USERNAME: postgres.user,
    POSTGRESQL_PASSWORD: secrets.databasePassword,
    POSTGRESQL_DATABASE: postgres.database,
    POSTGRESQL_SSLMODE: postgres.sslMode,
    POSTGRESQL_MAX_IDLE_CONNS: postgresPool.idle,
    POSTGRESQL_MAX_OPEN_CONNS: postgresPool.open,
    POSTGRESQL_CONN_MAX_LIFETIME: postgresPool.lifetime,
    POSTGRESQL_CONN_MAX_IDLE_TIME: postgresPool.idleTime,
  };
}
