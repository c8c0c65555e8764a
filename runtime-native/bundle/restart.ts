import type { Service } from '#core/model/project.ts';
import { durationMs } from '#core/model/units.ts';
import type { SupervisorSpec } from '#schemas/supervisor-protocol.ts';

type Restart = SupervisorSpec['restart'];
type DeployPolicy = NonNullable<NonNullable<Service['deploy']>['restart_policy']>;

const firstDelayMs = 100;
const lastDelayMs = 60_000;

/** Restart policy: `deploy.restart_policy` replaces `restart`; undefined when the text is none of the four. */
export function restartPolicy(service: Pick<Service, 'restart' | 'deploy'>): Restart | undefined {
  const deploy = service.deploy?.restart_policy;
  if (deploy !== undefined) return deployPolicy(deploy);
  const [, policy, , retries] = /^(no|always|unless-stopped|on-failure)(:(\d+))?$/.exec(service.restart || 'no') ?? [];
  if (policy === undefined || (retries !== undefined && policy !== 'on-failure')) return undefined;
  const maxRetries = Number(retries ?? 0);
  return { policy: policy as Restart['policy'], maxRetries, delayMs: firstDelayMs, maxDelayMs: lastDelayMs };
}

/** A written delay is the same before every attempt; without one the back-off is that of `restart`. */
function deployPolicy(deploy: DeployPolicy): Restart | undefined {
  const conditions: Readonly<Record<string, Restart['policy']>> = {
    none: 'no',
    no: 'no',
    'on-failure': 'on-failure',
    any: 'always',
    always: 'always',
    'unless-stopped': 'unless-stopped',
  };
  const policy = conditions[deploy.condition || 'any'];
  if (policy === undefined) return undefined;
  return {
    policy,
    maxRetries: Number(deploy.max_attempts ?? 0),
    delayMs: deploy.delay === undefined ? firstDelayMs : durationMs(deploy.delay),
    maxDelayMs: deploy.delay === undefined ? lastDelayMs : durationMs(deploy.delay),
    ...(deploy.window === undefined ? {} : { windowMs: durationMs(deploy.window) }),
  };
}
