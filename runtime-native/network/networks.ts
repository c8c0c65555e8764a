import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { NetworkSpec } from '#core/engine/specs.ts';
import type { EngineContext } from '../engine-context.ts';
import { transaction } from '../host/database.ts';
import { bridgeExists, createBridge, removeBridge } from './bridge.ts';
import { checkNetworkSpec } from './check-network.ts';
import { allowThroughHost, forgetInHost } from './host-firewalls.ts';
import { type HostRoutes, readHostRoutes, type TakenSubnet } from './host-routes.ts';
import { parseSubnet } from './ip-address.ts';
import { macvlanParent } from './macvlan.ts';
import { planSubnets } from './plan-subnets.ts';
import { attachedContainers, findNetwork, readNetworks, type StoredNetwork } from './stored-network.ts';

/** Makes a network: rows first, then the bridge and the firewall; on failure nothing of it stays. */
export async function createNetwork(context: EngineContext, spec: NetworkSpec, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  checkNetworkSpec(spec);
  const routes = readHostRoutes();
  const network = transaction(context.database, () => insertNetwork(context, spec, routes));
  const ready = materialise(context, network, signal);
  // The starts that follow need not look again.
  context.readyNetworks.set(network.id, ready);
  try {
    await ready;
  } catch (error) {
    await dematerialise(context, network);
    throw error;
  }
}

/** Removes a network; `engine.network-in-use` while a container, running or not, is attached; absent is fine. */
export async function removeNetwork(context: EngineContext, name: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const network = findNetwork(context.database, name);
  if (network === undefined) return;
  const containers = attachedContainers(context.database, network.id).map((one) => one.name);
  if (containers.length > 0) throw new TscomposeError(diagnose('engine.network-in-use', { name, containers }));
  await dematerialise(context, network);
}

/** Makes sure that a network exists in the kernel: after a reboot only the database knows it. Looks once per engine. */
export function ensureNetwork(context: EngineContext, network: StoredNetwork): Promise<void> {
  let ready = context.readyNetworks.get(network.id);
  if (ready === undefined) {
    ready = materialise(context, network);
    context.readyNetworks.set(network.id, ready);
    ready.catch(() => context.readyNetworks.delete(network.id));
  }
  return ready;
}

async function materialise(context: EngineContext, network: StoredNetwork, signal?: AbortSignal): Promise<void> {
  mkdirSync(context.paths.networkRun(network.id), { recursive: true, mode: 0o755 });
  if (network.spec.driver === 'macvlan') {
    requireParent(network);
    return;
  }
  // Rules may name a link that is not there yet. All come to their end: what a failed one leaves is taken away after that.
  const results = await Promise.allSettled([
    bridgeExists(network.bridge) ? undefined : createBridge(network, signal),
    context.firewall.sync(),
    allowThroughHost(context, network.bridge),
  ]);
  const failed = results.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function dematerialise(context: EngineContext, network: StoredNetwork): Promise<void> {
  context.readyNetworks.delete(network.id);
  const isBridge = network.spec.driver !== 'macvlan';
  if (isBridge) await removeBridge(network.bridge);
  context.database.prepare('DELETE FROM networks WHERE id = ?').run(network.id);
  rmSync(context.paths.networkRun(network.id), { recursive: true, force: true });
  if (isBridge) await Promise.all([context.firewall.sync(), forgetInHost(network.bridge)]);
}

/** A macvlan network makes nothing on the host, but the link that it hangs on must be there. */
function requireParent({ name, bridge }: StoredNetwork): void {
  if (bridgeExists(bridge)) return;
  const reason = bridge === '' ? 'a macvlan network needs the link it hangs on' : `this machine has no link "${bridge}"`;
  throw new TscomposeError(diagnose('engine.unsupported-option', { kind: 'network', name, option: 'parent', reason }));
}

/** The bridge of a network, or the host's link that a macvlan network hangs on. */
function linkOf(spec: NetworkSpec): string {
  if (spec.driver === 'macvlan') return macvlanParent(spec);
  return spec.driverOpts['com.docker.network.bridge.name'] ?? `tsc-${randomBytes(4).toString('hex')}`;
}

function takenBy(network: StoredNetwork): readonly TakenSubnet[] {
  const of = network.project === undefined ? '' : ` of project "${network.project}"`;
  const by = `network "${network.name}"${of}`;
  return network.subnets.flatMap(({ cidr }) => {
    const subnet = parseSubnet(cidr);
    return subnet === undefined ? [] : [{ ...subnet, by }];
  });
}

function insertNetwork({ database, names }: EngineContext, spec: NetworkSpec, routes: HostRoutes): StoredNetwork {
  const others = readNetworks(database);
  if (others.some((one) => one.name === spec.name)) {
    throw new TscomposeError(diagnose('engine.name-taken', { kind: 'network', name: spec.name }));
  }
  const owned = others.flatMap(takenBy);
  // Ours first: that name says more than the route of its bridge.
  const subnets = planSubnets({ spec, taken: [...owned, ...routes.prefixes], start: names.poolStart });
  const mtu = Number(spec.driverOpts['com.docker.network.driver.mtu'] ?? routes.mtu);
  const network: StoredNetwork = {
    id: randomBytes(32).toString('hex'),
    name: spec.name,
    project: spec.project,
    bridge: linkOf(spec),
    spec: { ...spec, mtu },
    subnets,
  };
  database
    .prepare('INSERT INTO networks (id, name, project, bridge, spec, created_at) VALUES (?, ?, ?, ?, ?, ?)')
    .run(network.id, network.name, spec.project ?? null, network.bridge, JSON.stringify(network.spec), new Date().toISOString());
  const insert = database.prepare('INSERT INTO subnets (network, cidr, gateway) VALUES (?, ?, ?)');
  for (const { cidr, gateway } of subnets) insert.run(network.id, cidr, gateway);
  return network;
}
