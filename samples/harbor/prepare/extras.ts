import { postgres, postgresPool, redisUrl } from './addresses.ts';
import { environmentFile } from './environment-file.ts';
import type { Secrets } from './secrets.ts';

const cache = '/home/scanner/.cache';

/** The environment of the vulnerability scanner. It fetches its database from ghcr.io, unless it is told to stay offline. */
export const trivyEnvironment = environmentFile({
  SCANNER_LOG_LEVEL: 'info',
  SCANNER_REDIS_URL: redisUrl('trivy'),
  SCANNER_STORE_REDIS_URL: redisUrl('trivy'),
  SCANNER_STORE_REDIS_NAMESPACE: 'harbor.scanner.trivy:store',
  SCANNER_JOB_QUEUE_REDIS_URL: redisUrl('trivy'),
  SCANNER_JOB_QUEUE_REDIS_NAMESPACE: 'harbor.scanner.trivy:job-queue',
  SCANNER_TRIVY_CACHE_DIR: `${cache}/trivy`,
  SCANNER_TRIVY_REPORTS_DIR: `${cache}/reports`,
  SCANNER_TRIVY_VULN_TYPE: 'os,library',
  SCANNER_TRIVY_SEVERITY: 'UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL',
  SCANNER_TRIVY_SECURITY_CHECKS: 'vuln',
  SCANNER_TRIVY_DB_REPOSITORY: 'ghcr.io/aquasecurity/trivy-db',
  SCANNER_TRIVY_JAVA_DB_REPOSITORY: 'ghcr.io/aquasecurity/trivy-java-db',
  SCANNER_TRIVY_IGNORE_UNFIXED: false,
  SCANNER_TRIVY_SKIP_UPDATE: false,
  SCANNER_TRIVY_SKIP_JAVA_DB_UPDATE: false,
  SCANNER_TRIVY_OFFLINE_SCAN: false,
  SCANNER_TRIVY_INSECURE: false,
  SCANNER_TRIVY_TIMEOUT: '5m0s',
  SCANNER_TRIVY_GITHUB_TOKEN: '',
  HTTP_PROXY: '',
  HTTPS_PROXY: '',
  NO_PROXY: '',
});

/** The environment of the exporter of figures. */
export function exporterEnvironment(secrets: Secrets): string {
  return environmentFile({
    LOG_LEVEL: 'info',
    HARBOR_EXPORTER_PORT: 8080,
    HARBOR_EXPORTER_METRICS_PATH: '/metrics',
    HARBOR_EXPORTER_METRICS_ENABLED: true,
    HARBOR_EXPORTER_MAX_REQUESTS: 30,
    HARBOR_EXPORTER_CACHE_TIME: 23,
    HARBOR_EXPORTER_CACHE_CLEAN_INTERVAL: 14_400,
    HARBOR_METRIC_NAMESPACE: 'harbor',
    HARBOR_METRIC_SUBSYSTEM: 'exporter',
    HARBOR_SERVICE_SCHEME: 'http',
    HARBOR_SERVICE_HOST: 'core',
    HARBOR_SERVICE_PORT: 8080,
    HARBOR_REDIS_URL: redisUrl('jobservice'),
    HARBOR_REDIS_NAMESPACE: 'harbor_job_service_namespace',
    HARBOR_REDIS_TIMEOUT: 3600,
    HARBOR_DATABASE_HOST: postgres.host,
    HARBOR_DATABASE_PORT: postgres.port,
    HARBOR_DATABASE_USERNAME: postgres.user,
    HARBOR_DATABASE_PASSWORD: secrets.databasePassword,
    HARBOR_DATABASE_DBNAME: postgres.database,
    HARBOR_DATABASE_SSLMODE: postgres.sslMode,
    HARBOR_DATABASE_MAX_IDLE_CONNS: postgresPool.idle,
    HARBOR_DATABASE_MAX_OPEN_CONNS: postgresPool.open,
    HARBOR_DATABASE_CONN_MAX_LIFETIME: postgresPool.lifetime,
    HARBOR_DATABASE_CONN_MAX_IDLE_TIME: postgresPool.idleTime,
  });
}
