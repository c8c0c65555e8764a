import { diagnose } from '#core/builder/catalogue.ts';
import { symbolicMode } from '#core/builder/mode.ts';
import { type Placement, selectFiles } from '#core/builder/select-files.ts';
import type { CopySource, CopyStep } from '#core/builder/step.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { type PlaceJob, runHelper } from '../images/helper-client.ts';
import { type Archives, addArchives, splitArchives } from './add-archives.ts';
import type { BuildSession } from './build-session.ts';
import { commitState } from './commit-state.ts';
import { filesId } from './image-layers.ts';
import { contextTree, type ImageSource, imageSource, imageTree } from './open-source.ts';
import { type Overlay, openOverlay } from './overlay.ts';
import { ownerOf } from './owner.ts';
import { performStep } from './perform-step.ts';
import { fetchSource } from './remote-source.ts';
import { type SourceTree, scanTree } from './source-tree.ts';
import { cacheKey } from './step-cache.ts';
import type { StepDone, StepRequest } from './step-request.ts';

/** What a step copies from one tree. */
interface Part {
  readonly source: SourceTree;
  readonly placements: readonly Placement[];
  readonly archives: Archives;
}

interface Parts {
  readonly parts: readonly Part[];
  readonly texts: readonly Extract<CopySource, { kind: 'inline' }>[];
  /** Digest of all that is copied: places, kinds, modes, owners and contents; not times. */
  readonly digest: string;
}

/** COPY and ADD: files of a context, a stage, an image or an address become a layer. */
export async function copyFilesStep(session: BuildSession, request: StepRequest<CopyStep>): Promise<StepDone> {
  const { step, state } = request;
  const image = await imageSource(session, step.from);
  const base = filesId(session.store, state.imageId);
  const { at: _at, title: _title, createdBy: _createdBy, ...definition } = step;
  let parts: Promise<Parts> | undefined;
  const gather = (): Promise<Parts> => {
    parts ??= gatherParts(session, { step, image });
    return parts;
  };
  return performStep(session, request, {
    // An image never changes: what is copied from it need not be looked at again.
    ...(image === undefined ? {} : { quickKey: cacheKey('copy from', base, definition, filesId(session.store, image.imageId)) }),
    key: async () => {
      const owner = step.chown === undefined ? {} : await ownerOf(session, state, step.chown);
      return cacheKey('copy', base, step.dest, owner, (await gather()).digest);
    },
    run: async () => {
      const overlay = openOverlay(session, state);
      const owner = step.chown === undefined ? undefined : await ownerOf(session, state, step.chown);
      await place(session, { step, owner, overlay, parts: await gather() });
      return commitState(session, { parent: state.imageId, upper: overlay.upper, givesUpper: true });
    },
  });
}

async function gatherParts(
  session: BuildSession,
  { step, image }: { readonly step: CopyStep; readonly image: ImageSource | undefined },
): Promise<Parts> {
  const parts: Part[] = [];
  const paths = step.sources.filter((source) => source.kind === 'path');
  if (paths.length > 0) {
    const tree =
      image === undefined
        ? await contextTree(session, step.from)
        : await imageTree(
            session,
            image,
            paths.map((source) => scanStart(source.path)),
          );
    parts.push(await partOf(session, { step: { ...step, sources: paths }, source: tree }));
  }
  for (const source of step.sources) {
    if (source.kind !== 'url' && source.kind !== 'git') continue;
    const fetched = await fetchSource(session, source, step);
    parts.push(
      await partOf(session, { step: { ...step, sources: [{ kind: 'path', path: fetched.path }] }, source: fetched.tree }),
    );
  }
  const texts = step.sources.filter((source) => source.kind === 'inline');
  const digest = cacheKey(
    parts.map(({ source, placements, archives }) => [
      placements.map(({ entry, to, mode, isTop }) => [
        to,
        entry.type,
        mode,
        isTop,
        source.keepsOwner ? [entry.uid, entry.gid] : 0,
        source.digests.get(entry.path) ?? entry.link ?? '',
      ]),
      archives.map(({ entry, to }) => [to, source.digests.get(entry.path)]),
    ]),
    texts.map(({ name, content }) => [name, content]),
    step.chmod,
  );
  return { parts, texts, digest };
}

/** Where the scan of an image begins for a source: patterns from the directory before them. */
function scanStart(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const pattern = parts.findIndex((part) => /[*?[\\]/.test(part));
  return (pattern === -1 ? parts : parts.slice(0, pattern)).join('/');
}

async function partOf(
  session: BuildSession,
  { step, source }: { readonly step: CopyStep; readonly source: SourceTree },
): Promise<Part> {
  const selected = selectFiles(source.tree, step);
  if ('missing' in selected) {
    const { missing } = selected;
    const isIgnored = source.isIgnored(missing.replace(/^\/+/, ''));
    throw new TscomposeError(diagnose('build.source-not-found', { path: missing, where: source.label, isIgnored }));
  }
  await digestFiles(session, source, selected.placements);
  return { source, ...splitArchives(step, source, selected.placements) };
}

/** Digests of the files that are copied, each asked for once in a build. */
async function digestFiles(session: BuildSession, source: SourceTree, placements: readonly Placement[]): Promise<void> {
  const wanted = placements
    .filter(({ entry }) => entry.type === 'file' && !source.digests.has(entry.path))
    .map(({ entry }) => entry.path);
  if (wanted.length === 0) return;
  const request = {
    root: source.root,
    paths: wanted,
    recursive: false,
    digests: true,
    xattrs: source.keepsOwner,
    signal: session.signal,
  };
  for (const { entry, content } of await scanTree(session.store, request)) {
    source.digests.set(entry.path, content);
    source.stamps?.learn(entry.path, content);
  }
}

async function place(
  session: BuildSession,
  request: {
    readonly step: CopyStep;
    readonly owner: { readonly uid: number; readonly gid: number } | undefined;
    readonly overlay: Overlay;
    readonly parts: Parts;
  },
): Promise<void> {
  const { step, overlay } = request;
  const { helper } = session.store;
  const target = { ...overlay };
  for (const { source, placements, archives } of request.parts.parts) {
    const owner = request.owner ?? (source.keepsOwner ? {} : { uid: 0, gid: 0 });
    const jobs = placements.map((one) => jobOf(one, step));
    if (jobs.length > 0) {
      await runHelper(
        { op: 'place', source: source.root, target, ...owner, xattrs: source.keepsOwner, jobs },
        { helper, signal: session.signal },
      );
    }
    await addArchives(session, { source, archives, target });
  }
  if (request.parts.texts.length === 0) return;
  const jobs = request.parts.texts.map(({ name, content }): PlaceJob => {
    const isInside = step.dest.endsWith('/') || request.parts.texts.length > 1;
    const to = isInside ? `${step.dest.replace(/\/$/, '')}/${name}` : step.dest;
    return [
      't',
      content,
      to.slice(1),
      step.chmod === undefined ? 0o644 : symbolicMode(step.chmod, { mode: 0o644, type: 'file' }),
    ];
  });
  await runHelper({ op: 'place', target, ...(request.owner ?? { uid: 0, gid: 0 }), jobs }, { helper, signal: session.signal });
}

function jobOf({ entry, to, isTop, mode }: Placement, step: CopyStep): PlaceJob {
  const path = to.slice(1);
  switch (entry.type) {
    case 'directory':
      // A destination written with a slash is a directory of its own, not the copied one.
      if (isTop && step.dest.endsWith('/') && step.chmod === undefined) return ['m', '', path, 0o755];
      return [isTop ? 'D' : 'd', entry.path, path, mode];
    case 'file':
      return [isTop ? 'F' : 'f', entry.path, path, mode];
    case 'symlink':
    case 'special':
      return ['n', entry.path, path, mode];
  }
}
