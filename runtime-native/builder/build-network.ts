import { randomBytes } from 'node:crypto';
import type { EngineContext } from '../engine-context.ts';
import { isSameProcess, processStartTime } from '../host/process-identity.ts';
import { createNetwork, removeNetwork } from '../network/networks.ts';
import { plainBridge } from '../network/plain-bridge.ts';
import { readNetworks } from '../network/stored-network.ts';

/** The network of a build's RUN containers: its own, so that nobody else's containers are in reach, nor it in theirs. */
export interface BuildNetwork extends AsyncDisposable {
  /** Its engine name; made at the first call. */
  readonly name: () => Promise<string>;
}

export function buildNetwork(context: EngineContext): BuildNetwork {
  let made: Promise<string> | undefined;
  return {
    name: () => {
      made ??= make(context);
      return made;
    },
    [Symbol.asyncDispose]: async () => {
      const name = await made?.catch(() => undefined);
      if (name !== undefined) await removeNetwork(context, name);
    },
  };
}

async function make(context: EngineContext): Promise<string> {
  const name = `tscompose-build-${process.pid}-${processStartTime(process.pid) ?? 0}-${randomBytes(4).toString('hex')}`;
  await createNetwork(context, plainBridge(name));
  return name;
}

/** Removes networks of builds that were killed; their containers must be gone. */
export async function sweepBuildNetworks(context: EngineContext): Promise<void> {
  for (const { name } of readNetworks(context.database)) {
    const [, pid, startTime] = /^tscompose-build-(\d+)-(\d+)-[0-9a-f]{8}$/.exec(name) ?? [];
    if (pid === undefined || isSameProcess(Number(pid), Number(startTime))) continue;
    await removeNetwork(context, name);
  }
}
