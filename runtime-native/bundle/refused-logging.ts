import type { Service } from '#core/model/project.ts';
import { noLogFacts } from './log-facts.ts';
import { logConfig } from './logging.ts';
import type { DetailFacts, Report } from './refusal.ts';

/** What is wrong with a service's `logging`, and what this machine lacks for it. */
export function refusedLogging(service: Service, { report, facts }: { report: Report; facts: DetailFacts }): void {
  const log = logConfig(service.logging, noLogFacts);
  if ('error' in log) {
    report.unsupported(log.key, log.error);
    return;
  }
  if (log.driver === 'journald' && facts.kindOf(log.address) === 'missing')
    report.unsupported('logging.driver', `there is no systemd journal on this machine (${log.address})`);
  const tls = 'server' in log ? log.server.tls : undefined;
  if (tls === undefined || log.driver === 'none') return;
  const lacking = facts.tlsLack();
  if (lacking !== undefined) report.unsupported(`logging.options.${log.driver}-address`, lacking);
  const files = { 'ca-cert': tls.caFile, cert: tls.certFile, key: tls.keyFile };
  for (const [name, path] of Object.entries(files)) {
    const key = `logging.options.${log.driver}-tls-${name}`;
    if (path !== undefined && !path.startsWith('/')) report.invalid(key, `"${path}" must be an absolute path`);
    else if (path !== undefined && facts.kindOf(path) !== 'other') report.invalid(key, `there is no file "${path}"`);
  }
}
