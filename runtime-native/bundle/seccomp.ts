import type { OciSeccomp, OciSyscallRule } from './oci.ts';

/** A profile in Docker's form: rules may depend on capabilities, architecture and kernel version. */
export interface SeccompProfile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly syscalls: readonly SeccompRule[];
  /** Seccomp names (`SCMP_ARCH_X86_64`); absent and without `archMap`: those of the host. */
  readonly architectures?: readonly string[];
  /** Docker's form: architectures by that of the host. */
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[];
  readonly flags?: readonly string[];
}

export interface SeccompRule extends OciSyscallRule {
  readonly includes?: SeccompCondition;
  readonly excludes?: SeccompCondition;
}

export interface SeccompCondition {
  readonly caps?: readonly string[];
  /** Go architecture names: amd64, arm64, x86, x32, arm. */
  readonly arches?: readonly string[];
  /** `major.minor`. */
  readonly minKernel?: string;
}

export interface SeccompFacts {
  readonly capabilities: readonly string[];
  /** Node's `process.arch`. */
  readonly architecture: string;
  /** `os.release()`. */
  readonly kernelRelease: string;
}

/** Architectures of a host: a 64-bit kernel also runs the 32-bit calls, and a filter without them would let them through or kill. */
const hostArchitectures: Readonly<Record<string, { readonly go: string; readonly scmp: readonly string[] }>> = {
  x64: { go: 'amd64', scmp: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
  arm64: { go: 'arm64', scmp: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'] },
  riscv64: { go: 'riscv64', scmp: ['SCMP_ARCH_RISCV64'] },
  loong64: { go: 'loong64', scmp: ['SCMP_ARCH_LOONGARCH64'] },
  s390x: { go: 's390x', scmp: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'] },
  ppc64: { go: 'ppc64le', scmp: ['SCMP_ARCH_PPC64LE'] },
};

/** Resolves a profile's conditions for one container on this host. */
export function resolveSeccomp(profile: SeccompProfile, facts: SeccompFacts): OciSeccomp {
  const host = hostArchitectures[facts.architecture] ?? { go: facts.architecture, scmp: [] };
  const syscalls: OciSyscallRule[] = [];
  for (const rule of profile.syscalls) {
    if (!isIncluded(rule, { ...facts, go: host.go })) continue;
    syscalls.push({
      names: rule.names,
      action: rule.action,
      ...(rule.errnoRet === undefined ? {} : { errnoRet: rule.errnoRet }),
      ...(rule.args === undefined || rule.args === null || rule.args.length === 0 ? {} : { args: rule.args }),
    });
  }
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: architecturesOf(profile, host.scmp),
    syscalls,
    ...(profile.flags === undefined ? {} : { flags: profile.flags }),
  };
}

/** Calls of another architecture than these are killed; an empty list is the host's own only. */
function architecturesOf(profile: SeccompProfile, host: readonly string[]): readonly string[] {
  if (profile.architectures?.length) return profile.architectures;
  const entry = profile.archMap?.find((one) => one.architecture === host[0]);
  return entry === undefined ? host : [entry.architecture, ...(entry.subArchitectures ?? [])];
}

/** A user's profile from JSON text (Docker's documented form, `name` or `names`); undefined when it is none. */
export function parseSeccompProfile(text: string): SeccompProfile | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('defaultAction' in value) || typeof value.defaultAction !== 'string') {
    return undefined;
  }
  // The runtime checks action and operator names; here only the shape that we walk over matters.
  const raw = value as { defaultAction: string; syscalls?: readonly (SeccompRule & { name?: string })[] };
  return { ...raw, syscalls: (raw.syscalls ?? []).map((rule) => ({ ...rule, names: rule.names ?? [rule.name ?? ''] })) };
}

function isIncluded(rule: SeccompRule, facts: SeccompFacts & { readonly go: string }): boolean {
  const { includes, excludes } = rule;
  if (includes?.arches?.length && !includes.arches.includes(facts.go)) return false;
  if (includes?.caps?.length && !includes.caps.every((cap) => facts.capabilities.includes(cap))) return false;
  if (includes?.minKernel !== undefined && !isKernelAtLeast(facts.kernelRelease, includes.minKernel)) return false;
  if (excludes?.arches?.includes(facts.go)) return false;
  if (excludes?.caps?.some((cap) => facts.capabilities.includes(cap))) return false;
  if (excludes?.minKernel !== undefined && isKernelAtLeast(facts.kernelRelease, excludes.minKernel)) return false;
  return true;
}

function isKernelAtLeast(release: string, minimum: string): boolean {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  const [wantMajor = 0, wantMinor = 0] = minimum.split('.').map(Number);
  return major > wantMajor || (major === wantMajor && minor >= wantMinor);
}
