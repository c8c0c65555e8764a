import type { NetworkSpec } from '#core/engine/specs.ts';

/** A network that the engine makes for itself: a bridge with an address from the pools, and nothing else asked for. */
export function plainBridge(name: string): NetworkSpec {
  return {
    name,
    driver: 'bridge',
    driverOpts: {},
    internal: false,
    attachable: false,
    enableIpv4: true,
    enableIpv6: false,
    pools: [],
    labels: {},
  };
}
