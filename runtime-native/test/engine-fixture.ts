import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { Writable } from 'node:stream';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { ContainerSpec, ExecSpec, NetworkSpec } from '#core/engine/specs.ts';
import type { Service } from '#core/model/project.ts';
import { instanceNames } from '#runtime/host/instance-names.ts';
import { nativePrograms } from '#runtime/host/programs.ts';
import { openNativeEngine } from '#runtime/native-engine.ts';
import { plainBridge } from '#runtime/network/plain-bridge.ts';
import { ensureImages } from '#tools/images/build-images.ts';

export const busybox = 'tscompose/busybox:1';

/** An engine on a state root of its own with the busybox image; disposing removes all that its containers left. */
export interface EngineFixture extends AsyncDisposable {
  readonly engine: Engine;
  readonly root: string;
  /** Host paths of the native programs. */
  readonly supervisor: string;
  readonly init: string;
  readonly notices: readonly Diagnostic[];
  /** Another engine on the same state, as the next command would open it. */
  reopen(): Promise<Engine & AsyncDisposable>;
  create(name: string, service: Partial<Service>, more?: Partial<ContainerSpec>): Promise<string>;
  exec(id: string, command: string | readonly string[], more?: Partial<ExecSpec>): Promise<{ exitCode: number; output: string }>;
  logs(id: string): Promise<string>;
}

export async function engineFixture(variables: NodeJS.ProcessEnv = {}): Promise<EngineFixture> {
  const root = mkdtempSync('/tmp/tsce-');
  const env = { ...process.env, ...variables, TSCOMPOSE_ROOT: root };
  await ensureImages(['busybox'], { env, log: () => {} });
  const programs = nativePrograms(env);
  const notices: Diagnostic[] = [];
  const open = () => openNativeEngine({ env, onNotice: (one) => void notices.push(one) });
  const engine = await open();
  return {
    engine,
    root,
    supervisor: programs.supervisor,
    init: programs.init,
    notices,
    reopen: open,
    create: async (name, service, more = {}) => (await engine.createContainer(containerSpec(name, service, more))).id,
    exec: async (id, command, more = {}) => {
      const out = collector();
      const argv = typeof command === 'string' ? ['sh', '-c', command] : command;
      const spec: ExecSpec = { argv, env: [], tty: false, privileged: false, detach: false, ...more };
      const { exitCode } = await engine.exec(id, spec, { stdout: out.stream, stderr: out.stream });
      return { exitCode, output: out.text() };
    },
    logs: async (id) => {
      let text = '';
      for await (const entry of engine.logs(id, { follow: false })) text += `${entry.text}\n`;
      return text;
    },
    async [Symbol.asyncDispose]() {
      for (const container of await engine.listContainers()) {
        await engine.stopContainer(container.id, { timeoutMs: 0 });
        await engine.removeContainer(container.id, { volumes: true });
      }
      const observed = await engine.observe({ project: 'test', images: [], networks: [], volumes: [], ports: [], files: [] });
      for (const network of observed.networks) await engine.removeNetwork(network.name);
      for (const volume of observed.volumes) await engine.removeVolume(volume.name);
      await engine[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function containerSpec(name: string, service: Partial<Service>, more: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    name,
    project: 'test',
    serviceName: name,
    number: 1,
    oneOff: false,
    image: busybox,
    service: { command: null, entrypoint: null, ...service },
    endpoints: [],
    mounts: [],
    files: [],
    labels: { 'com.docker.compose.project': 'test' },
    ...(service.network_mode === undefined && more.endpoints === undefined
      ? { service: { command: null, entrypoint: null, network_mode: 'none', ...service } }
      : {}),
    ...more,
  };
}

export function networkSpec(name: string, more: Partial<NetworkSpec> = {}): NetworkSpec {
  return { ...plainBridge(name), project: 'test', ...more };
}

/** What this instance has made in kernel-wide places; equal before and after when nothing is left. */
export function machineState(root: string): {
  bridges: readonly string[];
  table: boolean;
  cgroups: readonly string[];
  mounts: number;
} {
  const names = instanceNames(root);
  const tables = execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' });
  const mounts = execFileSync('cat', ['/proc/self/mountinfo'], { encoding: 'utf8' });
  return {
    bridges: readdirSync('/sys/class/net').filter((one) => one.startsWith('tsc-')),
    table: tables.split('\n').includes(`table inet ${names.nftTable}`),
    cgroups: readdirSync('/sys/fs/cgroup').filter((one) => existsSync(`/sys/fs/cgroup/${one}/${names.cgroupParent}`)),
    mounts: mounts.split('\n').filter((line) => line.includes(root)).length,
  };
}

export function collector(): { readonly stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
