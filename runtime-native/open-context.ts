import { doorOf } from './containers/alive.ts';
import type { EngineContext, NativeEngineOptions } from './engine-context.ts';
import { openDatabase } from './host/database.ts';
import { type HostFacts, readHostFacts } from './host/host-facts.ts';
import { instanceNames } from './host/instance-names.ts';
import { leaveSession } from './host/leave-session.ts';
import { statePaths } from './host/paths.ts';
import { nativePrograms } from './host/programs.ts';
import type { ImageStore } from './images/image-store.ts';
import { type FirewallKeeper, firewallKeeper } from './network/firewall.ts';
import { type SeccompCache, seccompCache } from './runtime/seccomp-cache.ts';
import { type Launcher, openLauncher } from './supervisor-client/launcher.ts';

/** Opens what the engine's parts share; disposing it lets the launcher end and closes the database. */
export function openContext({ env, onNotice, program }: NativeEngineOptions): EngineContext & AsyncDisposable {
  const paths = statePaths(env);
  const database = openDatabase(paths.database);
  const names = instanceNames(paths.root);
  const programs = nativePrograms(env);
  let launcher: Launcher | undefined;
  let images: Promise<ImageStore> | undefined;
  let facts: HostFacts | undefined;
  let firewall: FirewallKeeper | undefined;
  const filters = new Map<string, SeccompCache>();
  const context: EngineContext & AsyncDisposable = {
    env,
    paths,
    database,
    names,
    programs,
    program,
    notice: onNotice,
    images: () => {
      images ??= import('./images/open-image-store.ts').then(({ openImageStore }) =>
        openImageStore({ database, paths, helper: programs.helper, env, notice: onNotice }),
      );
      return images;
    },
    launcher: () => {
      launcher ??= openLauncher(programs.supervisor, (pid) => leaveSession(pid, context.facts().cgroups));
      return launcher;
    },
    facts: () => {
      facts ??= readHostFacts(env, programs);
      return facts;
    },
    firewall: {
      sync: () => {
        firewall ??= firewallKeeper({ database, table: names.nftTable, doorOf: (id) => doorOf({ paths, database }, id) });
        return firewall.sync();
      },
    },
    seccompFilters: (runtime) => {
      const known = filters.get(runtime);
      if (known !== undefined) return known;
      const made = seccompCache({ runtime, runtimeRoot: paths.runtimeRoot, directory: paths.seccompFilters });
      filters.set(runtime, made);
      return made;
    },
    readyNetworks: new Map(),
    searchedLeases: new Map(),
    async [Symbol.asyncDispose]() {
      await launcher?.[Symbol.asyncDispose]();
      database.close();
    },
  };
  return context;
}
