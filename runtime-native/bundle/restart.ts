import type { Service } from '#core/model/project.ts';
import type { SupervisorSpec } from '#schemas/supervisor-protocol.ts';

type Restart = SupervisorSpec['restart'];

/** Restart policy: `deploy.restart_policy` replaces `restart`; undefined when the text is none of the four. */
export function restartPolicy(service: Pick<Service, 'restart' | 'deploy'>): Restart | undefined {
  const deploy = service.deploy?.restart_policy;
  const text = deploy === undefined ? service.restart || 'no' : policyOfCondition(deploy.condition, deploy.max_attempts);
  const [, policy, , retries] = /^(no|always|unless-stopped|on-failure)(:(\d+))?$/.exec(text) ?? [];
  if (policy === undefined || (retries !== undefined && policy !== 'on-failure')) return undefined;
  return { policy: policy as Restart['policy'], maxRetries: Number(retries ?? 0), delayMs: 100, maxDelayMs: 60_000 };
}

function policyOfCondition(condition: string | undefined, attempts: number | undefined): string {
  if (condition === 'none') return 'no';
  if (condition === 'on-failure') return attempts ? `on-failure:${attempts}` : 'on-failure';
  return 'always';
}
