import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildRequest } from '#core/builder/request.ts';
import { runHelper } from '#runtime/images/helper-client.ts';
import { helper } from '#runtime/test/images/test-store.ts';
import { runCommand } from '../process/run-command.ts';

/** The two builders that Docker has. */
export type PeerBuilder = 'classic' | 'buildkit';

/** A running Docker, and a directory for files on the way to it. */
export interface Peer {
  readonly env: NodeJS.ProcessEnv;
  readonly directory: string;
  /** Its data root. */
  readonly data: string;
  /** When the comparison began: times of files before this were kept. */
  readonly beganMs: number;
}

export interface PeerImage {
  /** Directories of its layers, topmost first. */
  readonly lower: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly history: readonly Readonly<Record<string, unknown>>[];
}

/** Newer clients have BuildKit only as a plugin; the distribution's own client belongs to its dockerd. */
const client = existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker';

async function docker(peer: Peer, argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return runCommand({ argv: [client, ...argv], env: { ...peer.env, ...env }, timeoutMs: 300_000 });
}

/** Makes an image of one layer with the files of these directories, topmost first. */
export async function peerImport(
  peer: Peer,
  image: { readonly lower: readonly string[]; readonly changes: readonly string[]; readonly reference: string },
): Promise<void> {
  const archive = join(peer.directory, 'base.tar');
  await runHelper({ op: 'pack', lower: image.lower, target: archive, compression: 'none' }, { helper });
  const changes = image.changes.flatMap((line) => ['--change', line]);
  const { exitCode, output } = await docker(peer, ['import', ...changes, archive, image.reference]);
  if (exitCode !== 0) throw new Error(`docker import: ${output}`);
}

/** Builds with one of Docker's builders; a text says why it cannot. */
export async function peerBuild(
  peer: Peer,
  { builder, context, request }: { builder: PeerBuilder; context: string; request: Partial<BuildRequest> },
): Promise<PeerImage | string> {
  const idFile = join(peer.directory, 'id');
  const args = Object.entries(request.args ?? {}).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const target = request.target === undefined ? [] : ['--target', request.target];
  const secrets = (request.secrets ?? []).flatMap(({ id, source }) => {
    const file = join(peer.directory, `secret-${id}`);
    writeFileSync(
      file,
      'content' in source ? (typeof source.content === 'string' ? source.content : source.content.reveal()) : '',
    );
    return ['--secret', `id=${id},src=${file}`];
  });
  const progress = builder === 'buildkit' ? ['--progress', 'plain'] : [];
  const argv = ['build', ...progress, '--network', 'none', '--iidfile', idFile, ...args, ...target, ...secrets, context];
  const built = await docker(peer, argv, { DOCKER_BUILDKIT: builder === 'buildkit' ? '1' : '0' });
  if (built.exitCode !== 0) return built.output.trim().split('\n').at(-1) ?? 'it fails';
  const id = readFileSync(idFile, 'utf8').trim();
  const { stdout } = await docker(peer, ['image', 'inspect', '-f', '{{json .GraphDriver}}', id]);
  const { Name, Data } = JSON.parse(stdout) as { Name: string; Data: { UpperDir?: string; LowerDir?: string } };
  if (Name !== 'overlay2') throw new Error(`Docker keeps its layers with ${Name}, not with overlay2`);
  const document = JSON.parse(
    readFileSync(join(peer.data, 'image/overlay2/imagedb/content/sha256', id.replace('sha256:', '')), 'utf8'),
  ) as PeerImage;
  const lower = [Data.UpperDir, ...(Data.LowerDir?.split(':') ?? [])].filter((one) => one !== undefined);
  return { lower, config: document.config, history: document.history };
}
