import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { capabilitiesOf } from '../bundle/capabilities.ts';
import type { CgroupFacts } from '../bundle/cgroups.ts';
import { type CdiRegistry, readCdiRegistry } from '../cdi/read-cdi-registry.ts';
import { bridgeCallsFirewall } from '../network/bridge.ts';
import { parseResolvConf, type ResolverConfig } from '../network/host-resolver.ts';
import { cgroupMounts } from './cgroup-mounts.ts';
import { readHostSettings } from './host-settings.ts';
import { findInit, type NativePrograms } from './programs.ts';

/** What a start needs to know of the host; read once per engine. */
export interface HostFacts {
  readonly architecture: string;
  /** Capabilities of this process's bounding set. */
  readonly capabilities: readonly string[];
  readonly kernelRelease: string;
  readonly cgroups: CgroupFacts;
  readonly init: string | undefined;
  readonly hasAppArmor: boolean;
  readonly hasIpv6: boolean;
  readonly hairpin: boolean;
  readonly resolver: ResolverConfig;
  /** Devices of the Container Device Interface, read anew at each call: only few services ask for one. */
  readonly cdi: () => CdiRegistry;
  /** Program that sends logs over TLS. */
  readonly logRelay: string;
}

/** `init` and `logRelay`: our own programs, where they have been built. */
export function readHostFacts(env: NodeJS.ProcessEnv, { init, logRelay }: Pick<NativePrograms, 'init' | 'logRelay'>): HostFacts {
  return {
    architecture: process.arch,
    capabilities: capabilitiesOf(/^CapBnd:\s*([0-9a-f]+)/m.exec(readText('/proc/self/status'))?.[1] ?? ''),
    kernelRelease: release(),
    cgroups: cgroupMounts(),
    init: findInit(init),
    hasAppArmor: readText('/sys/module/apparmor/parameters/enabled').trim() === 'Y',
    hasIpv6: readText('/proc/net/if_inet6') !== '',
    hairpin: bridgeCallsFirewall(),
    resolver: parseResolvConf(readText('/etc/resolv.conf')),
    cdi: () => readCdiRegistry(readHostSettings(env).cdiSpecDirs),
    logRelay,
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The kernel lacks the feature, or the host has no resolver: the empty text says so.
    return '';
  }
}
