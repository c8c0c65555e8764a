import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ContainerSpec } from '#core/engine/specs.ts';
import { refusedEndpoint } from '../bundle/refused-details.ts';
import { refusedTargets } from '../bundle/refused-targets.ts';
import type { HostFacts } from '../host/host-facts.ts';
import { selectRuntime } from '../runtime/select-runtime.ts';
import { judgeService } from './judge-service.ts';

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Throws all reasons why this engine cannot run a container as asked; passes warnings to `notice`. */
export function checkContainer(
  spec: ContainerSpec,
  { facts, notice }: { readonly facts: HostFacts; readonly notice: (diagnostic: Diagnostic) => void },
): void {
  const { serviceName, service } = spec;
  if (!namePattern.test(spec.name)) {
    throw new TscomposeError(diagnose('engine.invalid-name', { kind: 'container', name: spec.name }));
  }
  const found = [...judgeService(serviceName, service, facts), ...refusedEndpoints(spec)];
  const errors = found.filter((one) => one.severity === 'error');
  if (errors.length > 0) throw new TscomposeError(errors);
  selectRuntime(service.runtime, serviceName);
  for (const warning of found) notice(warning);
  if (service.ports?.length && spec.endpoints.length === 0 && /^(host|none)$/.test(service.network_mode ?? '')) {
    const reason = `with "network_mode: ${service.network_mode}" no port is published`;
    notice(diagnose('engine.ignored-attribute', { service: serviceName, key: 'ports', reason }));
  }
}

/** Endpoints and mounts of the specification stand for those of the service, which a plan has judged. */
function refusedEndpoints({ serviceName, service, endpoints, mounts }: ContainerSpec): readonly Diagnostic[] {
  const ofEndpoints = (service.networks === undefined ? endpoints : []).flatMap((endpoint) =>
    refusedEndpoint(endpoint.linkLocalAddresses, endpoint.driverOpts).map(([key, reason]) =>
      diagnose('engine.unsupported-attribute', { service: serviceName, key: `networks.*.${key}`, reason }),
    ),
  );
  const shared = mounts.filter((mount) => mount.type === 'bind' && /^r?shared$/.test(mount.propagation ?? ''));
  const targets = service.volumes === undefined ? mounts : [];
  return [
    ...ofEndpoints,
    ...refusedTargets({ command: null, entrypoint: null }, targets).map(([key, reason]) =>
      diagnose('engine.unsupported-attribute', { service: serviceName, key, reason }),
    ),
    ...(service.volumes === undefined ? shared : []).map(() => {
      const reason = 'propagation back to the host is not possible; use "rslave"';
      return diagnose('engine.unsupported-attribute', { service: serviceName, key: 'volumes', reason });
    }),
  ];
}
