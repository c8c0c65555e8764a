import type { Service } from '#core/model/project.ts';

/** What `security_opt` asks for, in one shape. */
export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  readonly systemPathsUnconfined: boolean;
  /** `unconfined`, JSON text, or a host path of a profile; absent: the default profile. */
  readonly seccomp?: string;
  readonly apparmor?: string;
  /** SELinux label parts `user:`, `role:`, `type:`, `level:`, or `disable`. */
  readonly labels: readonly string[];
  /** Entries that mean nothing to us. */
  readonly unknown: readonly string[];
}

/** Reads `security_opt` (`key=value` or the old `key:value`). */
export function securityOptions(service: Pick<Service, 'security_opt'>): SecurityOptions {
  let noNewPrivileges = false;
  let systemPathsUnconfined = false;
  let seccomp: string | undefined;
  let apparmor: string | undefined;
  const labels: string[] = [];
  const unknown: string[] = [];
  for (const option of service.security_opt ?? []) {
    const [, key = option, value = ''] = /^([a-z-]+)[=:](.*)$/s.exec(option) ?? [];
    if (key === 'no-new-privileges') noNewPrivileges = value !== 'false';
    else if (key === 'systempaths' && value === 'unconfined') systemPathsUnconfined = true;
    else if (key === 'seccomp') seccomp = value;
    else if (key === 'apparmor') apparmor = value;
    else if (key === 'label') labels.push(value);
    else unknown.push(option);
  }
  return {
    noNewPrivileges,
    systemPathsUnconfined,
    ...(seccomp === undefined || seccomp === 'builtin' ? {} : { seccomp }),
    ...(apparmor === undefined ? {} : { apparmor }),
    labels,
    unknown,
  };
}

/** Hidden from containers, as by Docker: host secrets, side channels and things that stop the machine. */
export const maskedPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

export const readonlyPaths: readonly string[] = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
