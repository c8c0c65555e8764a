import { parse } from 'yaml';
import { type MemoryEngine, type MemoryEngineOptions, memoryEngine } from '#core/engine/memory-engine.ts';
import { execute } from '#core/execute/execute.ts';
import type { Project, Service } from '#core/model/project.ts';
import type { Observed } from '#core/observe/observed.ts';
import { observeQuery } from '#core/observe/query.ts';
import type { UpOptions } from '#core/plan/options.ts';
import type { Plan, Planned } from '#core/plan/plan.ts';
import { planText } from '#core/plan/text.ts';
import { planUp } from '#core/plan/up.ts';

/** Options of a plain `up`. */
export const plainUp: UpOptions = {
  services: [],
  recreate: 'diverged',
  recreateDependencies: 'diverged',
  withoutDependencies: false,
  withoutStart: false,
  removeOrphans: false,
  ignoreOrphans: false,
  renewAnonymousVolumes: false,
  scale: {},
  wait: false,
  recreateVolumes: false,
};

/**
 * A canonical project from a few lines of YAML: the shorthands here are those that save most words in tests (`depends_on`
 * lists and `svc: condition` maps, `"8080:80"` ports, `vol:/target` volumes, a default network), not the loader's.
 */
export function projectOf(text: string): Project {
  // biome-ignore lint/suspicious/noExplicitAny: test shorthand, expanded below.
  const raw: any = parse(text) ?? {};
  const named = (kind: 'networks' | 'volumes') =>
    Object.fromEntries(
      Object.entries<object | null>(raw[kind] ?? {}).map(([key, value]) => [key, { name: `p_${key}`, ...value }]),
    );
  const services = Object.fromEntries(
    Object.entries<Record<string, unknown>>(raw.services ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, serviceOf(value)]),
  );
  const needsDefault = Object.values(services).some((service) => service.networks !== undefined && 'default' in service.networks);
  return {
    name: 'p',
    workingDir: '/w',
    composeFiles: ['/w/compose.yaml'],
    envFiles: [],
    services,
    disabledServices: Object.fromEntries(
      Object.entries<Record<string, unknown>>(raw.disabled ?? {}).map(([name, value]) => [name, serviceOf(value)]),
    ),
    networks: { ...(needsDefault ? { default: { name: 'p_default' } } : {}), ...named('networks') },
    volumes: named('volumes'),
    configs: raw.configs ?? {},
    secrets: raw.secrets ?? {},
    models: {},
    extensions: {},
    environment: {},
  };
}

function serviceOf(value: Record<string, unknown>): Service {
  const { depends_on: dependsOn, ports, volumes, networks, ...rest } = value;
  const list = (one: unknown) => (Array.isArray(one) ? one : []);
  const dependency = (how: unknown) =>
    typeof how === 'string'
      ? { condition: how, required: true }
      : { condition: 'service_started', required: true, ...(how as object) };
  const dependencies = Array.isArray(dependsOn)
    ? dependsOn.map((name) => [name, 'service_started'])
    : Object.entries(dependsOn ?? {});
  return {
    command: null,
    entrypoint: null,
    image: 'img',
    ...(rest.network_mode === undefined
      ? {
          networks: Array.isArray(networks)
            ? Object.fromEntries(networks.map((key) => [key, null]))
            : (networks ?? { default: null }),
        }
      : {}),
    ...(dependencies.length === 0
      ? {}
      : { depends_on: Object.fromEntries(dependencies.map(([name, how]) => [name, dependency(how)])) }),
    ...(ports === undefined ? {} : { ports: list(ports).map(portOf) }),
    ...(volumes === undefined ? {} : { volumes: list(volumes).map(mountOf) }),
    ...rest,
    // `image: ~` is a service without an image.
    ...(rest.image === null ? { image: undefined } : {}),
  } as Service;
}

function portOf(text: string | object): object {
  if (typeof text === 'object') return text;
  const parts = text.split(':');
  const target = Number(parts.pop());
  const published = parts.pop();
  const hostIp = parts.pop();
  return {
    mode: 'ingress',
    target,
    protocol: 'tcp',
    ...(published === undefined ? {} : { published }),
    ...(hostIp === undefined ? {} : { host_ip: hostIp }),
  };
}

function mountOf(mount: string | object): object {
  if (typeof mount !== 'string') return mount;
  const [source, target] = mount.split(':');
  if (target === undefined) return { type: 'volume', target: source, volume: {} };
  return {
    type: source?.startsWith('/') ? 'bind' : 'volume',
    source,
    target,
    ...(source?.startsWith('/') ? { bind: {} } : { volume: {} }),
  };
}

/** An engine in memory with what it knows of the world, and the moves that tests make. */
export interface World {
  readonly engine: MemoryEngine;
  observe(project: Project): Promise<Observed>;
  plan(project: Project, options?: Partial<UpOptions>): Promise<Planned>;
  run(planned: { readonly plan: Plan }, project: Project): Promise<Awaited<ReturnType<typeof execute>>>;
  up(project: Project, options?: Partial<UpOptions>): Promise<void>;
}

/** All images are local unless `images` says otherwise. */
export function worldOf(options: MemoryEngineOptions = {}): World {
  const engine = memoryEngine({ images: ['img', 'img2', 'db', 'web'], ...options });
  const world: World = {
    engine,
    observe: (project) => engine.observe(observeQuery(project)),
    plan: async (project, options = {}) => planUp(project, await world.observe(project), { ...plainUp, ...options }),
    run: async ({ plan }, project) => execute({ plan, project, observed: await world.observe(project), engine, emit: () => {} }),
    up: async (project, options) => {
      const planned = await world.plan(project, options);
      const errors = planned.diagnostics.filter((one) => one.severity === 'error');
      if (errors.length > 0) throw new Error(`set-up does not plan: ${errors.map((one) => one.message).join('; ')}`);
      const { outcome, diagnostics } = await world.run(planned, project);
      if (outcome !== 'done') throw new Error(`set-up does not run: ${diagnostics.map((one) => one.message).join('; ')}`);
    },
  };
  return world;
}

/** Text of plan and diagnostics, with ids made readable: container ids depend on the order of calls, not on the rule under test. */
export function planned({ plan, diagnostics }: Planned): string {
  const text = planText(plan).replaceAll(/\b[0-9a-f]{12}_/g, 'OLD_');
  const notes = diagnostics.map((one) => `${one.severity}: ${one.code}: ${one.message}\n`).join('');
  return `${text}${notes}`.replaceAll(/\(([0-9a-f]{12}) → [0-9a-f]{12}\)/g, '(old → new)');
}
