import type { NetworkSpec } from '#core/engine/specs.ts';

/** Values of the kernel's MACVLAN_MODE_* (linux/if_link.h) by the names that Docker gives them. */
const modes: Readonly<Record<string, number>> = { private: 1, vepa: 2, bridge: 4, passthru: 8 };

/** Mode of a macvlan network's links; "bridge" unless the option `macvlan_mode` says otherwise. */
export function macvlanMode(spec: NetworkSpec): number {
  return modes[spec.driverOpts['macvlan_mode'] ?? 'bridge'] ?? 4;
}

/** The host's link that a macvlan network's containers hang on. */
export function macvlanParent(spec: NetworkSpec): string {
  return spec.driverOpts['parent'] ?? '';
}

export const macvlanOptions: Readonly<Record<string, (value: string) => string | undefined>> = {
  parent: (value) => (/^[^/\s]{1,15}$/.test(value) ? undefined : 'it must be the name of a link of this machine'),
  macvlan_mode: (value) => (value in modes ? undefined : `it must be one of ${Object.keys(modes).join(', ')}`),
  'com.docker.network.driver.mtu': (value) => (/^\d{3,5}$/.test(value) ? undefined : 'an MTU is a number such as 1450'),
};
