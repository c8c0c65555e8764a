import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BuildEvent, BuildRequest } from '#core/builder/request.ts';
import type { ImageSummary } from '#core/engine/specs.ts';
import { openDatabase } from '#runtime/host/database.ts';
import { statePaths } from '#runtime/host/paths.ts';
import { runHelper } from '#runtime/images/helper-client.ts';
import { openImageStore } from '#runtime/images/open-image-store.ts';
import { type EngineFixture, engineFixture } from '../engine-fixture.ts';
import { helper } from '../images/test-store.ts';

/** A file of a context: its text, or what else it is. */
export type ContextFile =
  | string
  | { readonly text: string; readonly mode: number }
  | { readonly link: string }
  | { readonly data: Buffer };

export interface Built {
  readonly image: ImageSummary;
  readonly events: readonly BuildEvent[];
  /** All output of its steps. */
  readonly output: string;
  /** Titles of steps that came from the cache, and of those that were done. */
  readonly cached: readonly string[];
  readonly done: readonly string[];
}

export interface BuildFixture extends AsyncDisposable {
  readonly base: EngineFixture;
  /** Writes a context of its own for each call. */
  context(files: Readonly<Record<string, ContextFile>>): string;
  build(request: Partial<BuildRequest> & { readonly context: string }): Promise<Built>;
  /** `mode owner:group content-digest` of paths of an image; `d…` for directories, `l target` for links; absent ones are missing. */
  tree(image: ImageSummary, paths: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** History, as the image's configuration has it. */
  history(image: ImageSummary): readonly Readonly<Record<string, unknown>>[];
}

/** An engine with the busybox image on a state root of its own. */
export async function buildFixture(variables: NodeJS.ProcessEnv = {}): Promise<BuildFixture> {
  const base = await engineFixture(variables);
  let contexts = 0;
  const paths = statePaths({ TSCOMPOSE_ROOT: base.root });
  return {
    base,
    context: (files) => writeContext(join(base.root, `context-${++contexts}`), files),
    async build(request) {
      const events: BuildEvent[] = [];
      const image = await base.engine.buildImage({ ...plainRequest, ...request }, (event) => void events.push(event));
      const titles = (state: string) => events.flatMap((one) => (one.type === 'step' && one.state === state ? one.title : []));
      const output = events.flatMap((one) => (one.type === 'output' ? one.text : [])).join('');
      return { image, events, output, cached: titles('cached'), done: titles('done') };
    },
    async tree(image, wanted) {
      using database = openDatabase(paths.database);
      const store = openImageStore({ database, paths, helper, env: {} });
      const lower = store.lowerDirectories(image.id);
      if (lower.length === 0) return {};
      const answer = await runHelper(
        { op: 'scan', lower, paths: wanted.map((path) => path.slice(1)), digests: true },
        { helper },
      );
      return Object.fromEntries((answer['entries'] as readonly Line[]).map(described));
    },
    history(image) {
      using database = openDatabase(paths.database);
      const row = database.prepare('SELECT config FROM images WHERE id = ?').get(image.id);
      return (JSON.parse(String(row?.['config'])) as { history: readonly Readonly<Record<string, unknown>>[] }).history;
    },
    [Symbol.asyncDispose]: () => base[Symbol.asyncDispose](),
  };
}

const plainRequest: BuildRequest = {
  name: 'test',
  context: '/nowhere',
  references: [],
  args: {},
  labels: {},
  contexts: {},
  noCache: false,
  noCacheFilter: [],
  pull: false,
  extraHosts: [],
  secrets: [],
  ssh: {},
  entitlements: [],
};

type Line = readonly [string, string, number, number, number, number, number, string];

function described([path, type, mode, uid, gid, , , content]: Line): readonly [string, string] {
  const octal = mode.toString(8);
  if (type === 'l') return [`/${path}`, `l ${content}`];
  if (type === 'd') return [`/${path}`, `d${octal} ${uid}:${gid}`];
  return [`/${path}`, `${octal} ${uid}:${gid} ${content.slice(0, 12)}`];
}

/** What `tree` says of a file with this text. */
export function file(text: string, attributes = '644 0:0'): string {
  return `${attributes} ${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}

/** Writes the files below a new directory and returns it. */
export function writeContext(directory: string, files: Readonly<Record<string, ContextFile>>): string {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  for (const [path, content] of Object.entries(files)) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
    if (path.endsWith('/')) mkdirSync(target, { recursive: true });
    else if (typeof content === 'string') writeFileSync(target, content, { mode: 0o644 });
    else if ('link' in content) symlinkSync(content.link, target);
    else if ('data' in content) writeFileSync(target, content.data);
    else {
      writeFileSync(target, content.text);
      chmodSync(target, content.mode);
    }
    if (typeof content === 'string' && !path.endsWith('/')) utimesSync(target, 1_600_000_000, 1_600_000_000);
  }
  return directory;
}
