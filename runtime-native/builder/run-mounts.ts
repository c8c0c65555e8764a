import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diagnose } from '#core/builder/catalogue.ts';
import { resolveEntry } from '#core/builder/file-entry.ts';
import type { RunMount, RunStep } from '#core/builder/step.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { FileSpec, MountSpec } from '#core/engine/specs.ts';
import { runHelper } from '../images/helper-client.ts';
import type { BuildSession } from './build-session.ts';
import { type CacheMount, openCacheMount } from './cache-mount.ts';
import { filesId } from './image-layers.ts';
import { materialise } from './materialise.ts';
import { contextTree, imageSource, imageTree } from './open-source.ts';
import { scanTree } from './source-tree.ts';
import { cacheKey } from './step-cache.ts';

/** What a RUN container gets besides its files. */
export interface RunMounts extends AsyncDisposable {
  readonly mounts: readonly MountSpec[];
  readonly files: readonly FileSpec[];
  readonly env: readonly string[];
  /** Secrets as variables. */
  readonly secretEnv: Readonly<Record<string, string>>;
}

/**
 * The part of a RUN's cache key that its mounts are: what bind mounts hold counts, secrets and caches do not: they are
 * there to be absent from the result.
 */
export async function runMountsKey(session: BuildSession, step: RunStep): Promise<readonly unknown[]> {
  const keys: unknown[] = [];
  for (const mount of step.mounts) {
    if (mount.type === 'bind') keys.push(['bind', mount.target, mount.writable, await bindKey(session, mount)]);
    else if (mount.type === 'cache') keys.push(['cache', mount.target, mount.id]);
    else if (mount.type === 'secret') keys.push(['secret', mount.id, mount.target, mount.env]);
    else keys.push([mount.type, mount.target]);
  }
  return keys;
}

async function bindKey(session: BuildSession, mount: Extract<RunMount, { type: 'bind' }>): Promise<string> {
  const image = await imageSource(session, mount.from);
  if (image !== undefined) return cacheKey('image', filesId(session.store, image.imageId), mount.source);
  const source = await contextTree(session, mount.from);
  const root = resolveEntry(source.tree, mount.source);
  if (root === undefined) return 'absent';
  const inside = [...source.tree.values()].filter(
    (entry) => entry.path === root.path || root.path === '' || entry.path.startsWith(`${root.path}/`),
  );
  const wanted = inside.filter((entry) => entry.type === 'file' && !source.digests.has(entry.path)).map((entry) => entry.path);
  const options = { root: source.root, paths: wanted, recursive: false, digests: true, xattrs: false, signal: session.signal };
  for (const { entry, content } of wanted.length === 0 ? [] : await scanTree(session.store, options)) {
    source.digests.set(entry.path, content);
  }
  return cacheKey(inside.map((entry) => [entry.path, entry.type, entry.mode, source.digests.get(entry.path) ?? entry.link]));
}

/** Makes everything ready to be mounted; disposing gives caches back and removes copies. Secrets lie in the workspace meanwhile. */
export async function openRunMounts(session: BuildSession, step: RunStep): Promise<RunMounts> {
  const mounts: MountSpec[] = [];
  const files: FileSpec[] = [];
  const env: string[] = [];
  const secretEnv: Record<string, string> = {};
  const caches: CacheMount[] = [];
  const agents: AsyncDisposable[] = [];
  const directory = join(session.workspace.path, session.uniqueName('mounts'));
  mkdirSync(directory, { mode: 0o700 });
  const close = async (): Promise<void> => {
    for (const one of [...caches, ...agents]) await one[Symbol.asyncDispose]();
    await runHelper({ op: 'remove-tree', path: directory }, { helper: session.store.helper });
  };
  try {
    if (step.script !== undefined) {
      const { path, content } = step.script;
      files.push({
        target: path,
        source: { path: writeOwned(directory, { name: 'script', data: content, uid: 0, gid: 0, mode: 0o755 }) },
        uid: 0,
        gid: 0,
        mode: 0o755,
        secret: false,
      });
    }
    for (const [index, mount] of step.mounts.entries()) {
      switch (mount.type) {
        case 'tmpfs': {
          const size = mount.sizeBytes === undefined ? {} : { sizeBytes: mount.sizeBytes };
          mounts.push({ type: 'tmpfs', target: mount.target, readOnly: false, ...size, options: ['exec'] });
          break;
        }
        case 'cache': {
          const cache = await openCacheMount(session, mount);
          caches.push(cache);
          mounts.push(bind(cache.path, mount.target, mount.readOnly));
          break;
        }
        case 'bind':
          mounts.push(await bindMount(session, { mount, directory: join(directory, String(index)), at: step.at }));
          break;
        case 'secret': {
          const secret = await openSecret(session, mount, step);
          if (secret === undefined) break;
          if (mount.env !== undefined) secretEnv[mount.env] = secret.data.toString();
          if (mount.target === undefined) break;
          const owner = {
            uid: mount.uid || secret.uid,
            gid: mount.gid || secret.gid,
            mode: mount.mode === 0o400 ? secret.mode : mount.mode,
          };
          const path = writeOwned(directory, { name: `secret-${index}`, data: secret.data, ...owner });
          files.push({ target: mount.target, source: { path }, ...owner, secret: true });
          break;
        }
        case 'ssh': {
          const named = session.request.ssh[mount.id];
          const socket = named === '' ? session.context.env['SSH_AUTH_SOCK'] : named;
          if (socket === undefined) {
            if (!mount.required) break;
            throw new TscomposeError(diagnose('build.secret-missing', { kind: 'ssh', id: mount.id }, step.at));
          }
          const { uid, gid, mode } = mount;
          const request = { named: socket, directory, name: `ssh-${index}`, owner: { uid, gid, mode } };
          const { openAgent } = await import('./ssh-agent.ts');
          const agent = await openAgent({ ...request, at: step.at, signal: session.signal });
          agents.push(agent);
          const target = mount.target ?? `/run/buildkit/ssh_agent.${index}`;
          files.push({ target, source: { path: agent.path }, uid, gid, mode, secret: false });
          env.push(`SSH_AUTH_SOCK=${target}`);
        }
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { mounts, files, env, secretEnv, [Symbol.asyncDispose]: close };
}

function bind(source: string, target: string, readOnly: boolean): MountSpec {
  return { type: 'bind', source, target, readOnly, createHostPath: false };
}

/** A bind mount never shows the original: of a context it is what is left of it, and the original could be written to. */
async function bindMount(
  session: BuildSession,
  request: { readonly mount: Extract<RunMount, { type: 'bind' }>; readonly directory: string; readonly at: RunStep['at'] },
): Promise<MountSpec> {
  const { mount, directory, at } = request;
  const image = await imageSource(session, mount.from);
  const isWhole = mount.source === '/' || mount.source === '';
  if (image?.imageId !== undefined && isWhole && !mount.writable) {
    return { type: 'image', image: image.imageId, target: mount.target };
  }
  const source =
    image === undefined
      ? await contextTree(session, mount.from)
      : await imageTree(session, image, [
          mount.source
            .split('/')
            .filter((part) => part !== '' && part !== '.')
            .join('/'),
        ]);
  const path = await materialise(session, { source, path: mount.source, directory });
  if (path === undefined) {
    throw new TscomposeError(diagnose('build.source-not-found', { path: mount.source, where: source.label }, at));
  }
  return bind(path, mount.target, !mount.writable);
}

interface OpenSecret {
  readonly data: Buffer;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

const maxSecretBytes = 500 * 1024;

async function openSecret(
  session: BuildSession,
  mount: Extract<RunMount, { type: 'secret' }>,
  step: RunStep,
): Promise<OpenSecret | undefined> {
  const found = session.request.secrets.find((one) => one.id === mount.id);
  if (found === undefined) {
    if (!mount.required) return undefined;
    throw new TscomposeError(diagnose('build.secret-missing', { kind: 'secret', id: mount.id }, step.at));
  }
  const { source, uid = 0, gid = 0, mode = 0o400 } = found;
  const data =
    'path' in source
      ? await readFile(source.path)
      : Buffer.from(typeof source.content === 'string' ? source.content : source.content.reveal());
  if (data.length > maxSecretBytes) {
    const reason = 'it has more than 500 KiB';
    throw new TscomposeError(diagnose('build.unsupported', { what: `the secret "${mount.id}"`, reason }, step.at));
  }
  return { data, uid, gid, mode };
}

function writeOwned(
  directory: string,
  file: {
    readonly name: string;
    readonly data: string | Buffer;
    readonly uid: number;
    readonly gid: number;
    readonly mode: number;
  },
): string {
  const path = join(directory, file.name);
  writeFileSync(path, file.data, { mode: 0o600 });
  chownSync(path, file.uid, file.gid);
  chmodSync(path, file.mode);
  return path;
}
