import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { NetworkSpec } from '#core/engine/specs.ts';
import { macvlanOptions } from './macvlan.ts';

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Driver options that have an effect here, with the values that we can honour. */
const driverOptions: Readonly<Record<string, (value: string) => string | undefined>> = {
  'com.docker.network.bridge.name': (value) =>
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/.test(value) ? undefined : 'a link name has at most 15 letters, digits, "_", "." and "-"',
  'com.docker.network.bridge.enable_ip_masquerade': isBoolean,
  'com.docker.network.bridge.enable_icc': isBoolean,
  'com.docker.network.bridge.host_binding_ipv4': () => undefined,
  'com.docker.network.container_iface_prefix': (value) =>
    /^[a-zA-Z][a-zA-Z0-9_-]{0,9}$/.test(value) ? undefined : 'it must be a short word such as "lan"',
  'com.docker.network.driver.mtu': (value) => (/^\d{3,5}$/.test(value) ? undefined : 'an MTU is a number such as 1450'),
};

/** Throws when a network asks for what this engine cannot do. */
export function checkNetworkSpec(spec: NetworkSpec): void {
  if (!namePattern.test(spec.name)) {
    throw new TscomposeError(diagnose('engine.invalid-name', { kind: 'network', name: spec.name }));
  }
  if (spec.driver !== '' && spec.driver !== 'bridge' && spec.driver !== 'macvlan') {
    throw new TscomposeError(
      diagnose('engine.unsupported-driver', {
        kind: 'network',
        name: spec.name,
        driver: spec.driver,
        supported: 'the driver "bridge" or "macvlan"',
      }),
    );
  }
  const wrong = Object.entries(spec.driverOpts).flatMap(([option, value]) => {
    const check = (spec.driver === 'macvlan' ? macvlanOptions : driverOptions)[option];
    const reason = check === undefined ? 'this engine does not know it' : check(value);
    return reason === undefined
      ? []
      : [diagnose('engine.unsupported-option', { kind: 'network', name: spec.name, option, reason })];
  });
  if (wrong.length > 0) throw new TscomposeError(wrong);
}

function isBoolean(value: string): string | undefined {
  return value === 'true' || value === 'false' ? undefined : 'it must be "true" or "false"';
}
