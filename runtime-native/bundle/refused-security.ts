import type { Service } from '#core/model/project.ts';
import type { DetailFacts, Report } from './refusal.ts';
import { parseSeccompProfile } from './seccomp.ts';
import { securityOptions } from './security.ts';

/** Options of `security_opt` that mean nothing to us or that this kernel cannot hold. */
export function refusedSecurity(service: Service, { report, facts }: { report: Report; facts: DetailFacts }): void {
  const { unsupported, invalid } = report;
  const security = securityOptions(service);
  const place = (text: string) =>
    `security_opt.${Math.max(
      0,
      (service.security_opt ?? []).findIndex((one) => one.endsWith(text)),
    )}`;
  for (const option of security.unknown) unsupported(place(option), `"${option}" is not known`);
  for (const label of security.labels) {
    if (label !== 'disable') unsupported(place(label), 'SELinux labels are not applied; only "label=disable" is possible');
  }
  if (security.apparmor !== undefined && security.apparmor !== 'unconfined' && !facts.hasAppArmor) {
    unsupported(
      place(security.apparmor),
      `the AppArmor profile "${security.apparmor}" needs AppArmor, which this kernel does not run`,
    );
  }
  if (security.seccomp === undefined || security.seccomp === 'unconfined') return;
  if (!/^[/{]/.test(security.seccomp)) {
    unsupported(place(security.seccomp), `the seccomp profile "${security.seccomp}" is not an absolute path`);
    return;
  }
  const reason = refusedProfile(security.seccomp, facts);
  if (reason !== undefined) invalid(place(security.seccomp), reason);
}

function refusedProfile(option: string, facts: DetailFacts): string | undefined {
  try {
    const profile = parseSeccompProfile(option.startsWith('{') ? option : facts.readText(option));
    return profile === undefined ? 'the seccomp profile has no "defaultAction"' : undefined;
  } catch (error) {
    return `the seccomp profile cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
