import { readFileSync, statSync } from 'node:fs';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Service } from '#core/model/project.ts';
import { type DetailFacts, placed } from '../bundle/refusal.ts';
import { refusedDetails } from '../bundle/refused-details.ts';
import { checkSupport } from '../bundle/support.ts';
import { refusedDevices } from '../cdi/service-devices.ts';
import type { HostFacts } from '../host/host-facts.ts';
import { tlsLack } from '../host/tls-lack.ts';
import { selectRuntime } from '../runtime/select-runtime.ts';

/** Why this engine cannot run a service as it is written, and what of it has no effect (warnings); reads the host only. */
export function judgeService(name: string, service: Service, facts: HostFacts): readonly Diagnostic[] {
  return [
    ...checkSupport(name, service),
    ...refusedDetails(name, service, detailFacts(facts)),
    ...refusedRuntime(name, service),
    ...refusedDevices(name, service, facts),
  ];
}

function detailFacts(facts: HostFacts): DetailFacts {
  return {
    cgroups: facts.cgroups,
    capabilities: facts.capabilities,
    hasInit: facts.init !== undefined,
    hasAppArmor: facts.hasAppArmor,
    kindOf,
    readText: (path) => readFileSync(path, 'utf8'),
    tlsLack: () => tlsLack(facts.logRelay),
  };
}

function kindOf(path: string): ReturnType<DetailFacts['kindOf']> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'missing';
  if (stats.isBlockDevice()) return 'block';
  if (stats.isCharacterDevice()) return 'character';
  return stats.isDirectory() ? 'directory' : 'other';
}

function refusedRuntime(name: string, service: Service): readonly Diagnostic[] {
  if (!service.runtime) return [];
  try {
    selectRuntime(service.runtime, name);
    return [];
  } catch (error) {
    if (!(error instanceof TscomposeError)) throw error;
    return error.diagnostics.map((one) => placed(one, name, 'runtime'));
  }
}
