import type { OciCapabilities } from './oci.ts';

/** Every capability of Linux 5.9 and later (capability.h), by number. */
const allCapabilities: readonly string[] = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
)
  .split(' ')
  .map((name) => `CAP_${name}`);

/** What Docker grants a container by default. */
export const defaultCapabilities: readonly string[] =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'
    .split(' ')
    .map((name) => `CAP_${name}`);

export interface CapabilityRequest {
  readonly add?: readonly string[] | undefined;
  readonly drop?: readonly string[] | undefined;
  readonly privileged?: boolean | undefined;
  /** What this process may hand on: root of a machine that is itself confined has less than everything. */
  readonly available: readonly string[];
}

/** Names of a set as /proc writes it (`CapBnd`, hexadecimal). */
export function capabilitiesOf(hex: string): readonly string[] {
  const set = BigInt(`0x${hex || '0'}`);
  return allCapabilities.filter((_name, bit) => ((set >> BigInt(bit)) & 1n) === 1n);
}

/**
 * The granted set, in kernel order: Docker's rules (`ALL` in `drop` starts from nothing, `ALL` in `add` from everything,
 * the other list then takes away or adds; names with or without `CAP_`, any case).
 */
export function grantedCapabilities(request: CapabilityRequest): readonly string[] {
  const isAvailable = (name: string) => request.available.includes(name);
  if (request.privileged) return allCapabilities.filter(isAvailable);
  const add = (request.add ?? []).map(capabilityName);
  const drop = (request.drop ?? []).map(capabilityName);
  const start = add.includes('CAP_ALL') ? allCapabilities : drop.includes('CAP_ALL') ? [] : defaultCapabilities;
  const granted = new Set(start.filter(isAvailable));
  for (const name of drop) granted.delete(name);
  for (const name of add) granted.add(name);
  return allCapabilities.filter((name) => granted.has(name));
}

/** Names of a list that this process cannot hand on. */
export function missingCapabilities(names: readonly string[], available: readonly string[]): readonly string[] {
  return names.filter((name) => allCapabilities.includes(capabilityName(name)) && !available.includes(capabilityName(name)));
}

/** Names of a list that no kernel knows. */
export function unknownCapabilities(names: readonly string[]): readonly string[] {
  return names.filter((name) => capabilityName(name) !== 'CAP_ALL' && !allCapabilities.includes(capabilityName(name)));
}

/** Capability sets of a process: as Docker, inheritable and ambient stay empty; a user other than root keeps the bounding set only. */
export function capabilitySets(granted: readonly string[], uid: number): OciCapabilities {
  const active = uid === 0 ? granted : [];
  return { bounding: granted, effective: active, permitted: active, inheritable: [], ambient: [] };
}

function capabilityName(text: string): string {
  const upper = text.toUpperCase();
  return upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}
