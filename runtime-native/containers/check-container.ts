import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ContainerSpec } from '#core/engine/specs.ts';
import { refusedDetails } from '../bundle/refused-details.ts';
import { checkSupport } from '../bundle/support.ts';
import type { HostFacts } from '../host/host-facts.ts';
import { selectRuntime } from '../runtime/select-runtime.ts';

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Throws all reasons why this engine cannot run a container as asked; passes warnings to `notice`. */
export function checkContainer(
  spec: ContainerSpec,
  { facts, notice }: { readonly facts: HostFacts; readonly notice: (diagnostic: Diagnostic) => void },
): void {
  if (!namePattern.test(spec.name)) {
    throw new TscomposeError(diagnose('engine.invalid-name', { kind: 'container', name: spec.name }));
  }
  const details = { cgroups: facts.cgroups, hasInit: facts.init !== undefined, hasAppArmor: facts.hasAppArmor };
  const found = [...checkSupport(spec.serviceName, spec.service), ...refusedDetails(spec, details)];
  const errors = found.filter((one) => one.severity === 'error');
  if (errors.length > 0) throw new TscomposeError(errors);
  selectRuntime(spec.service.runtime, spec.serviceName);
  for (const warning of found) notice(warning);
  if (spec.service.ports?.length && spec.endpoints.length === 0 && /^(host|none)$/.test(spec.service.network_mode ?? '')) {
    const reason = `with "network_mode: ${spec.service.network_mode}" no port is published`;
    notice(diagnose('engine.ignored-attribute', { service: spec.serviceName, key: 'ports', reason }));
  }
}
