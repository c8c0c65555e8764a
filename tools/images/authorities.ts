import { existsSync } from 'node:fs';

/** The file with the authorities that this machine trusts: an image's own are not enough where a proxy opens connections. '' without one. */
export function authorities(env: NodeJS.ProcessEnv): string {
  const ofTheMachine = '/etc/ssl/certs/ca-certificates.crt';
  return env['NODE_EXTRA_CA_CERTS'] ?? (existsSync(ofTheMachine) ? ofTheMachine : '');
}
