import { randomBytes } from 'node:crypto';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { mountFromText, portsFromText, variablesFromFiles } from '#core/load/run-overrides.ts';
import { shellWords } from '#core/load/shell-words.ts';
import { composeLabel } from '#core/model/labels.ts';
import type { Mount, Project, Service, Volume } from '#core/model/project.ts';
import { diagnose } from '../../args/catalogue.ts';

/** What `run` changes of a service for its one container. */
export interface OneOffWish {
  readonly service: string;
  /** Empty: the service's own. */
  readonly argv: readonly string[];
  readonly entrypoint: string | undefined;
  readonly env: readonly string[];
  readonly envFiles: readonly string[];
  readonly user: string | undefined;
  readonly workdir: string | undefined;
  readonly labels: readonly string[];
  readonly publish: readonly string[];
  readonly servicePorts: boolean;
  readonly volumes: readonly string[];
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly tty: boolean;
  readonly interactive: boolean;
  readonly withoutDependencies: boolean;
  /** For relative paths. */
  readonly cwd: string;
}

/**
 * The project in which the service is what the one container of `run` shall be; the others stay as they are. Rejects with
 * `cli.bad-flag-value` and what env files can be wrong about.
 */
export function oneOffProject(project: Project, wish: OneOffWish): Project {
  const service = project.services[wish.service];
  if (service === undefined) throw new Error(`service "${wish.service}" was selected and is not there`);
  const mounts = [...(service.volumes?.filter(isKept) ?? []), ...wish.volumes.map((text) => parsedMount(text, project, wish))];
  function isKept(mount: Mount): boolean {
    return !wish.volumes.some((text) => parsedMount(text, project, wish).target === mount.target);
  }
  return {
    ...project,
    services: { ...project.services, [wish.service]: { ...changedService(project, service, wish), volumes: mounts } },
    volumes: withVolumes(project, mounts),
  };
}

function changedService(project: Project, service: Service, wish: OneOffWish): Service {
  const { container_name: _name, restart: _restart, depends_on: dependencies, ports, ...rest } = service;
  const { argv, user, workdir } = wish;
  const entrypoint = wish.entrypoint === undefined ? service.entrypoint : splitWords(wish.entrypoint);
  const command = argv.length > 0 ? argv : wish.entrypoint === undefined ? service.command : [];
  const published = [...(wish.servicePorts ? (ports ?? []) : []), ...wish.publish.flatMap((text) => parsedPorts(text))];
  return {
    ...rest,
    entrypoint,
    command,
    ...(dependencies === undefined || wish.withoutDependencies ? {} : { depends_on: dependencies }),
    ...(published.length === 0 ? {} : { ports: published }),
    ...(user === undefined ? {} : { user }),
    ...(workdir === undefined ? {} : { working_dir: workdir }),
    ...capabilities(service, wish),
    environment: { ...service.environment, ...variables(project, wish) },
    labels: { ...service.labels, ...labels(wish.labels), [composeLabel.slug]: randomBytes(32).toString('hex') },
    tty: wish.tty,
    stdin_open: wish.interactive,
    scale: 1,
    ...(service.deploy === undefined ? {} : { deploy: withoutReplicas(service.deploy) }),
  };
}

function withoutReplicas(deploy: NonNullable<Service['deploy']>): NonNullable<Service['deploy']> {
  const { restart_policy: _policy, replicas: _replicas, ...rest } = deploy;
  return rest;
}

/** Variables of the files, over them those of `-e`; a bare key has the value that interpolation sees, or is left out. */
function variables(project: Project, wish: OneOffWish): Record<string, string> {
  const known = project.environment;
  const fromFiles = variablesFromFiles(wish.envFiles, { cwd: wish.cwd, lookup: (name) => known[name] });
  const given = wish.env.flatMap((word): [string, string][] => {
    const equals = word.indexOf('=');
    const value = equals === -1 ? known[word] : word.slice(equals + 1);
    return value === undefined ? [] : [[equals === -1 ? word : word.slice(0, equals), value]];
  });
  return { ...Object.fromEntries(fromFiles), ...Object.fromEntries(given) };
}

function labels(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf('=');
      if (equals <= 0) throw badValue('--label', word, 'KEY=VALUE');
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

/** A capability that is added is not dropped any more, and the other way round. */
function capabilities(service: Service, { capAdd, capDrop }: OneOffWish): Pick<Service, 'cap_add' | 'cap_drop'> {
  const add = [...(service.cap_add ?? []).filter((one) => !capDrop.includes(one)), ...capAdd];
  const drop = [...(service.cap_drop ?? []).filter((one) => !capAdd.includes(one)), ...capDrop];
  return { ...(add.length === 0 ? {} : { cap_add: add }), ...(drop.length === 0 ? {} : { cap_drop: drop }) };
}

/** Named volumes of `-v` that the file does not declare are made under the very name. */
function withVolumes(project: Project, mounts: readonly Mount[]): Project['volumes'] {
  const named = mounts.flatMap((mount) => (mount.type === 'volume' && mount.source !== undefined ? [mount.source] : []));
  const added = named.filter((name) => project.volumes[name] === undefined).map((name): [string, Volume] => [name, { name }]);
  return { ...project.volumes, ...Object.fromEntries(added) };
}

function parsedMount(text: string, project: Project, { cwd }: OneOffWish): Mount {
  const mount = mountFromText(text, { cwd, home: project.environment['HOME'] ?? '/root' });
  if ('problem' in mount) throw badValue('--volume', text, `[SOURCE:]TARGET[:OPTIONS] (${mount.problem})`);
  return mount;
}

function parsedPorts(text: string) {
  const ports = portsFromText(text);
  if ('problem' in ports) throw badValue('--publish', text, `[[IP:]HOST:]CONTAINER[/PROTOCOL] (${ports.problem})`);
  return ports;
}

function splitWords(text: string): readonly string[] {
  const words = shellWords(text);
  if (words === undefined) throw badValue('--entrypoint', text, 'words with balanced quotes');
  return words;
}

function badValue(flag: string, value: string, allowed: string): TscomposeError {
  return new TscomposeError(diagnose('cli.bad-flag-value', { flag, value, allowed }));
}
