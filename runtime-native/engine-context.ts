import type { DatabaseSync } from 'node:sqlite';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import type { HostFacts } from './host/host-facts.ts';
import type { InstanceNames } from './host/instance-names.ts';
import type { Paths } from './host/paths.ts';
import type { NativePrograms } from './host/programs.ts';
import type { ImageStore } from './images/image-store.ts';
import type { FirewallKeeper } from './network/firewall.ts';
import type { SeccompCache } from './runtime/seccomp-cache.ts';
import type { Launcher } from './supervisor-client/launcher.ts';

/** What `openNativeEngine` needs of its caller. */
export interface NativeEngineOptions {
  /** `TSCOMPOSE_ROOT` moves all state, `TSCOMPOSE_LIBEXEC` the native programs, `PATH` finds runtimes. */
  readonly env: NodeJS.ProcessEnv;
  /** Warnings that belong to no call's failure (ignored attributes, unpublished ports). */
  readonly onNotice: (diagnostic: Diagnostic) => void;
  /** How this program is run again, its own arguments apart; with it a killed build is put in order at once, not by the next one. */
  readonly program?: readonly string[];
}

/** What the parts of one open engine share. Everything that costs is made on first use. */
export interface EngineContext {
  readonly env: NodeJS.ProcessEnv;
  readonly paths: Paths;
  readonly database: DatabaseSync;
  readonly names: InstanceNames;
  readonly programs: NativePrograms;
  /** See `NativeEngineOptions`. */
  readonly program: readonly string[] | undefined;
  readonly notice: (diagnostic: Diagnostic) => void;
  readonly images: () => Promise<ImageStore>;
  readonly launcher: () => Launcher;
  readonly facts: () => HostFacts;
  readonly firewall: FirewallKeeper;
  /** Compiled filters of a runtime (path of crun). */
  readonly seccompFilters: (runtime: string) => SeccompCache;
  /** Networks whose bridge this engine has checked, so that twenty starts look once. */
  readonly readyNetworks: Map<string, Promise<void>>;
  /** Where the search for a free address of a subnet goes on, see `LeaseRequest`. */
  readonly searchedLeases: Map<string, bigint>;
}
