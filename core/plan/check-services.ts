import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { FileObject, FileReference, Project, Service } from '../model/project.ts';
import { donorsOf } from '../model/service-references.ts';
import type { Observed } from '../observe/observed.ts';
import { diagnose } from './catalogue.ts';

/** What keeps services from being made at all, whatever the state of the world; `replicas` by service. */
export function checkServices({
  project,
  observed,
  replicas,
}: {
  project: Project;
  observed: Observed;
  replicas: ReadonlyMap<string, number>;
}): readonly Diagnostic[] {
  return [...replicas].flatMap(([name, count]) => {
    const service = project.services[name];
    if (service === undefined || count === 0) return [];
    const refusals = observed.refusals?.[name] ?? [];
    return [
      ...refusals,
      ...unavailable(service)
        .map(({ key, path }) => at(['services', name, ...path], diagnose('plan.not-available', { service: name, key })))
        .filter(({ path }) => refusals.every((one) => JSON.stringify(one.path) !== JSON.stringify(path))),
      ...(service.pre_start ?? []).flatMap((hook, index) =>
        hook.per_replica
          ? [at(['services', name, 'pre_start', `${index}`], diagnose('plan.per-replica-hook', { service: name, index }))]
          : [],
      ),
      ...(service.container_name !== undefined && count > 1
        ? [
            at(
              ['services', name, 'container_name'],
              diagnose('plan.container-name-with-replicas', { service: name, replicas: count }),
            ),
          ]
        : []),
      ...checkFiles(name, { kind: 'config', uses: service.configs, objects: project.configs, observed }),
      ...checkFiles(name, { kind: 'secret', uses: service.secrets, objects: project.secrets, observed }),
      ...checkDonors(name, service, replicas),
    ];
  });
}

/** A diagnostic with its place in the model. */
function at(path: readonly string[], diagnostic: Diagnostic): Diagnostic {
  return { ...diagnostic, path };
}

/** Parts of the model that need machinery which does not exist yet: refused rather than dropped. */
function unavailable(service: Service): readonly { readonly key: string; readonly path: readonly string[] }[] {
  const keys = ['models', 'use_api_socket'] as const;
  const written = keys.filter((key) => {
    const value = service[key];
    return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
  });
  const mounts = (service.volumes ?? []).flatMap(({ type }, index) =>
    type === 'npipe' || type === 'cluster' ? [{ key: `volumes of type ${type}`, path: ['volumes', `${index}`] }] : [],
  );
  return [...written.map((key) => ({ key, path: [key] })), ...mounts];
}

function checkFiles(
  service: string,
  {
    kind,
    uses = [],
    objects,
    observed,
  }: {
    kind: 'config' | 'secret';
    uses: readonly FileReference[] | undefined;
    objects: Readonly<Record<string, FileObject>>;
    observed: Observed;
  },
): readonly Diagnostic[] {
  return uses.flatMap(({ source: name, uid, gid }, index): readonly Diagnostic[] => {
    const use = ['services', service, `${kind}s`, `${index}`];
    const object = objects[name];
    if (object === undefined) return [];
    const owner = [uid, gid].find((id) => id !== undefined && !/^\d+$/.test(id));
    if (owner !== undefined) return [at(use, diagnose('plan.file-owner', { kind, name, service, owner }))];
    const key = (['external', 'driver', 'template_driver'] as const).find((one) => object[one]);
    if (key !== undefined) return [at([`${kind}s`, name, key], diagnose('plan.file-unsupported', { kind, name, key }))];
    if (object.file !== undefined) {
      const isThere = (observed.fileDigests[object.file] ?? null) !== null;
      return isThere
        ? []
        : [at([`${kind}s`, name, 'file'], diagnose('plan.file-missing', { kind, name, path: object.file, service }))];
    }
    return object.environment !== undefined && object.content === undefined
      ? [at([`${kind}s`, name, 'environment'], diagnose('plan.variable-missing', { kind, name, variable: object.environment }))]
      : [];
  });
}

function checkDonors(name: string, service: Service, replicas: ReadonlyMap<string, number>): readonly Diagnostic[] {
  const { network, ipc, pid, volumes } = donorsOf(service);
  const shared = [
    ...(network === undefined ? [] : [{ donor: network, what: 'network namespace' }]),
    ...(ipc === undefined ? [] : [{ donor: ipc, what: 'IPC namespace' }]),
    ...(pid === undefined ? [] : [{ donor: pid, what: 'PID namespace' }]),
    ...volumes.map((one) => ({ donor: one.service, what: 'volume' })),
  ];
  return shared
    .filter(({ donor }) => replicas.get(donor) === 0)
    .map(({ donor, what }) => diagnose('plan.donor-missing', { service: name, donor, what }));
}
