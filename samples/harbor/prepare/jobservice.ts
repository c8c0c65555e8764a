import { stringify } from 'yaml';
import { addresses, redisUrl } from './addresses.ts';
import { environmentFile } from './environment-file.ts';
import { registryUser, type Secrets } from './secrets.ts';

/** config.yml of jobservice. Logs of jobs are files in its volume, kept a day. */
export const jobserviceConfig = stringify({
  protocol: 'http',
  port: 8080,
  worker_pool: {
    workers: 10,
    backend: 'redis',
    redis_pool: {
      redis_url: redisUrl('jobservice'),
      namespace: 'harbor_job_service_namespace',
      idle_timeout_second: 3600,
    },
  },
  job_loggers: [
    { name: 'STD_OUTPUT', level: 'INFO' },
    {
      name: 'FILE',
      level: 'INFO',
      settings: { base_dir: '/var/log/jobs' },
      sweeper: { duration: 1, settings: { work_dir: '/var/log/jobs' } },
    },
  ],
  loggers: [{ name: 'STD_OUTPUT', level: 'INFO' }],
  reaper: { max_update_hours: 24, max_dangling_hours: 168 },
  max_retrieve_size_mb: 10,
});

/** The environment of jobservice. */
export function jobserviceEnvironment(secrets: Secrets): string {
  return environmentFile({
    LOG_LEVEL: 'info',
    CORE_URL: addresses.core,
    REGISTRY_URL: addresses.registry,
    REGISTRY_CONTROLLER_URL: addresses.registryctl,
    CORE_SECRET: secrets.coreSecret,
    JOBSERVICE_SECRET: secrets.jobserviceSecret,
    REGISTRY_CREDENTIAL_USERNAME: registryUser,
    REGISTRY_CREDENTIAL_PASSWORD: secrets.registryPassword,
    JOBSERVICE_WEBHOOK_JOB_MAX_RETRY: 3,
    JOBSERVICE_WEBHOOK_JOB_HTTP_CLIENT_TIMEOUT: 3,
    HTTP_PROXY: '',
    HTTPS_PROXY: '',
    NO_PROXY: '',
  });
}
