import { basename } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { CgroupFacts } from '../bundle/cgroups.ts';
import { findProgram } from '../host/programs.ts';

export interface Runtime {
  readonly kind: 'crun' | 'runc';
  /** Absolute host path. */
  readonly path: string;
}

/** The OCI runtime for a service: the one it names (`crun`, `runc` or an absolute path of one), else crun, else runc. */
export function selectRuntime(name: string | undefined, service: string): Runtime {
  const wanted = name ? [name] : ['crun', 'runc'];
  for (const one of wanted) {
    const kind = basename(one);
    if (kind !== 'crun' && kind !== 'runc') {
      const reason = `"${one}" is not a runtime that this engine drives; it knows crun and runc${kind === 'nvidia' ? '. GPUs come by "gpus" or their CDI names in "devices"' : ''}`;
      throw new TscomposeError(diagnose('engine.unsupported-attribute', { service, key: 'runtime', reason }));
    }
    const path = findProgram(one);
    if (path !== undefined) return { kind, path };
  }
  throw new TscomposeError(
    diagnose('engine.requirement-missing', {
      what: name ? `the OCI runtime "${name}" is not installed` : 'no OCI runtime (crun or runc) is installed',
      command: 'tscompose doctor tells the command that installs it',
    }),
  );
}

/** How a runtime is called on this host's kind of cgroups. */
export function runtimeMode(runtime: Runtime, facts: CgroupFacts) {
  // crun attaches the device filter on v2; runc always makes its cgroups itself.
  const runtimeManages = runtime.kind === 'runc' || facts.mode === 'v2';
  return {
    runtimeManages,
    arguments: runtime.kind === 'runc' ? [] : [`--cgroup-manager=${runtimeManages ? 'cgroupfs' : 'disabled'}`],
    joinCgroups: !runtimeManages,
    // crun refuses the hybrid layout, so the supervisor hides the v2 tree from it.
    hideUnifiedCgroup: runtime.kind === 'crun' && facts.mode === 'hybrid',
  };
}
