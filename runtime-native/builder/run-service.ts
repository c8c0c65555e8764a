import type { RunStep } from '#core/builder/step.ts';
import type { Service } from '#core/model/project.ts';
import type { BuildSession } from './build-session.ts';
import type { RunMounts } from './run-mounts.ts';

/** The service that a RUN container is: isolation and limits as any service without options has them. */
export function runService(session: BuildSession, step: RunStep, mounts: RunMounts): Service {
  const { request } = session;
  const mode = networkMode(session, step);
  const environment: Record<string, string> = {};
  for (const line of [...step.quietEnv, ...step.env, ...mounts.env]) {
    const at = line.indexOf('=');
    environment[line.slice(0, at)] = line.slice(at + 1);
  }
  return {
    entrypoint: step.argv,
    command: [],
    environment,
    hostname: 'buildkitsandbox',
    user: step.user === '' ? '0' : step.user,
    working_dir: step.workdir,
    ...(mode === undefined ? {} : { network_mode: mode }),
    ...(request.extraHosts.length === 0 ? {} : { extra_hosts: request.extraHosts }),
    ...(request.shmSize === undefined ? {} : { shm_size: request.shmSize }),
    ...(request.memory === undefined ? {} : { mem_limit: request.memory }),
    ...(request.ulimits === undefined ? {} : { ulimits: request.ulimits }),
    ...(step.security === 'insecure' ? { privileged: true } : {}),
  };
}

/** What `network_mode` a step has; undefined: the network of the build. */
export function networkMode({ request }: BuildSession, step: RunStep): string | undefined {
  const mode = step.network === 'default' ? (request.network ?? 'default') : step.network;
  return mode === 'default' || mode === 'bridge' ? undefined : mode;
}
