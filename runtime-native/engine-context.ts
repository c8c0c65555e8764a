import type { DatabaseSync } from 'node:sqlite';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import type { HostFacts } from './host/host-facts.ts';
import type { InstanceNames } from './host/instance-names.ts';
import type { Paths } from './host/paths.ts';
import type { NativePrograms } from './host/programs.ts';
import type { ImageStore } from './images/image-store.ts';
import type { FirewallKeeper } from './network/firewall.ts';
import type { Launcher } from './supervisor-client/launcher.ts';

/** What the parts of one open engine share. Everything that costs is made on first use. */
export interface EngineContext {
  readonly env: NodeJS.ProcessEnv;
  readonly paths: Paths;
  readonly database: DatabaseSync;
  readonly names: InstanceNames;
  readonly programs: NativePrograms;
  readonly notice: (diagnostic: Diagnostic) => void;
  readonly images: () => Promise<ImageStore>;
  readonly launcher: () => Launcher;
  readonly facts: () => HostFacts;
  readonly firewall: FirewallKeeper;
  /** Networks whose bridge this engine has checked, so that twenty starts look once. */
  readonly readyNetworks: Map<string, Promise<void>>;
}
