import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ContainerSpec, EndpointSpec, ImageSummary } from '#core/engine/specs.ts';
import { Secret } from '#core/model/project.ts';
import { effectiveArgv } from '../bundle/process.ts';
import { securityOptions } from '../bundle/security.ts';
import type { EngineContext } from '../engine-context.ts';
import { atomicWrite } from '../host/atomic-write.ts';
import { transaction } from '../host/database.ts';
import type { ImageStore } from '../images/image-store.ts';
import { noteEvent } from '../journal/journal.ts';
import { defaultNetwork, ensureDefaultNetwork } from '../network/default-network.ts';
import { requireNetwork } from '../network/stored-network.ts';
import { findVolume } from '../volumes/stored-volume.ts';
import { insertVolume } from '../volumes/volumes.ts';
import { checkContainer } from './check-container.ts';
import { requireContainer } from './container-rows.ts';
import { checkExternalLinks } from './external-links.ts';
import { type PlannedMount, planMounts } from './plan-mounts.ts';
import type { StoredContainer, StoredFile } from './stored-container.ts';

/** Makes a container in state created: its files below a temporary name, then row, names and volumes in one transaction. */
export async function createContainer(
  context: EngineContext,
  spec: ContainerSpec,
  signal?: AbortSignal,
): Promise<{ readonly id: string }> {
  signal?.throwIfAborted();
  checkContainer(spec, { facts: context.facts(), notice: context.notice });
  const images = await context.images();
  const image = images.inspect(spec.image);
  if (image === undefined) throw new TscomposeError(diagnose('engine.image-not-found', { reference: spec.image }));
  const endpoints = endpointsOf(spec);
  checkExternalLinks(context.database, spec, endpoints);
  if (endpoints.some((one) => one.network === defaultNetwork)) await ensureDefaultNetwork(context);
  const id = randomBytes(32).toString('hex');
  const user = await images.lookupUser(image.id, {
    user: spec.service.user || image.config.User || '0',
    groups: spec.service.group_add ?? [],
  });
  const argv = effectiveArgv(spec.service, image.config);
  if (argv.length === 0) {
    const reason = `neither it nor the image "${spec.image}" says what to run`;
    throw new TscomposeError(diagnose('engine.invalid-attribute', { service: spec.serviceName, key: 'command', reason }));
  }
  const mounts = planMounts({ context, images, spec, image });
  const staging = join(context.paths.temporary, `container-${process.pid}-${id}`);
  try {
    const files = writeFiles(context, { spec, id, staging });
    makeLayer({ images, image, staging });
    signal?.throwIfAborted();
    const networks = endpoints.map(({ network }) => ({ name: network, id: requireNetwork(context.database, network).id }));
    const stored: StoredContainer = {
      version: 1,
      id,
      spec: { ...spec, endpoints, mounts: [], files: [] },
      image: { id: image.id, digest: image.digest, config: image.config },
      user,
      mounts: mounts.map((one) => one.mount),
      ...seccompText(spec),
      files,
      argv,
      networks,
    };
    insertContainer(context, { stored, mounts, staging });
    noteEvent(context, requireContainer(context.database, id), { action: 'create' });
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  }
  return { id };
}

/** The file is read now: what it says later must not change a container that exists. `checkContainer` has parsed it. */
function seccompText({ service }: ContainerSpec): { readonly seccompProfile?: string } {
  const option = securityOptions(service).seccomp;
  if (option === undefined || option === 'unconfined') return {};
  return { seccompProfile: option.startsWith('{') ? option : readFileSync(option, 'utf8') };
}

/** Endpoints of the spec, or what `network_mode` means instead. */
function endpointsOf(spec: ContainerSpec): readonly EndpointSpec[] {
  const mode = spec.service.network_mode;
  if (spec.endpoints.length > 0 || spec.networkContainer !== undefined) return spec.endpoints;
  if (mode === undefined || mode === 'none' || mode === 'host' || /^(service|container):/.test(mode)) return [];
  const network = mode === 'bridge' || mode === 'default' ? defaultNetwork : mode;
  return [{ network, aliases: network === defaultNetwork ? [] : [spec.name] }];
}

/** Contents of configs and secrets become files that only their owner can read, below a directory that only root enters. */
function writeFiles(
  { paths }: EngineContext,
  { spec, id, staging }: { spec: ContainerSpec; id: string; staging: string },
): readonly StoredFile[] {
  mkdirSync(join(staging, 'files'), { recursive: true, mode: 0o700 });
  return spec.files.map(({ source, ...file }, index): StoredFile => {
    if ('path' in source) {
      const stats = statSync(source.path, { throwIfNoEntry: false });
      if (stats === undefined) {
        throw new TscomposeError(diagnose('engine.bind-source-missing', { service: spec.serviceName, path: source.path }));
      }
      if (!source.copy) return { ...file, path: source.path };
      if (!stats.isFile()) {
        const reason = `"${source.path}" is no file; uid, gid and mode are those of the host there`;
        const key = file.secret ? 'secrets' : 'configs';
        throw new TscomposeError(diagnose('engine.invalid-attribute', { service: spec.serviceName, key, reason }));
      }
    }
    const data = 'path' in source ? readFileSync(source.path) : textOf(source.content);
    const { uid, gid, mode } = file;
    atomicWrite({ path: join(staging, 'files', String(index)), data, mode, owner: { uid, gid } });
    return { ...file, path: join(paths.containerState(id), 'files', String(index)) };
  });
}

function textOf(content: string | Secret): string {
  return content instanceof Secret ? content.reveal() : content;
}

/** The writable layer: its root has the owner and mode of the image's root, which it covers. */
function makeLayer({ images, image, staging }: { images: ImageStore; image: ImageSummary; staging: string }): void {
  const upper = join(staging, 'upper');
  mkdirSync(upper, { mode: 0o755 });
  mkdirSync(join(staging, 'work'), { mode: 0o700 });
  const top = images.lowerDirectories(image.id)[0];
  const root = top === undefined ? undefined : statSync(top);
  if (root === undefined) return;
  chownSync(upper, root.uid, root.gid);
  chmodSync(upper, root.mode & 0o7777);
}

function insertContainer(
  context: EngineContext,
  { stored, mounts, staging }: { stored: StoredContainer; mounts: readonly PlannedMount[]; staging: string },
): void {
  const { database, paths } = context;
  const { spec, id } = stored;
  const state = paths.containerState(id);
  transaction(database, () => {
    // It may have been removed since it was looked up; from here on the row keeps it.
    if (database.prepare('SELECT 1 FROM images WHERE id = ?').get(stored.image.id) === undefined) {
      throw new TscomposeError(diagnose('engine.image-not-found', { reference: spec.image }));
    }
    const holder = database.prepare('SELECT project, service FROM containers WHERE name = ?').get(spec.name);
    if (holder !== undefined) {
      const text = `service "${String(holder['service'])}" of project "${String(holder['project'])}"`;
      throw new TscomposeError(diagnose('engine.name-taken', { kind: 'container', name: spec.name, holder: text }));
    }
    database
      .prepare(
        `INSERT INTO containers (id, name, project, service, number, one_off, image_id, created_at, desired, spec)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'stopped', ?)`,
      )
      .run(
        id,
        spec.name,
        spec.project,
        spec.serviceName,
        spec.number,
        spec.oneOff ? 1 : 0,
        stored.image.id,
        new Date().toISOString(),
        JSON.stringify(stored),
      );
    const use = database.prepare('INSERT OR IGNORE INTO volume_uses (volume, container) VALUES (?, ?)');
    for (const { mount, newVolume } of mounts) {
      if (mount.type !== 'volume') continue;
      if (newVolume !== undefined) insertVolume(context, { spec: newVolume, anonymous: true });
      else if (findVolume(database, mount.volume) === undefined) {
        throw new TscomposeError(diagnose('engine.volume-not-found', { name: mount.volume }));
      }
      use.run(mount.volume, id);
    }
    mkdirSync(join(paths.root, 'containers'), { recursive: true, mode: 0o700 });
    renameSync(staging, state);
  });
}
