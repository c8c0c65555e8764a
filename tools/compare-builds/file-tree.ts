import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runHelper } from '#runtime/images/helper-client.ts';
import { listTar } from '#runtime/test/images/tar-reader.ts';
import { helper } from '#runtime/test/images/test-store.ts';

/** A file of an image in words that can be compared. */
export interface TreeFile {
  /** Kind, mode, owner, content, attributes, hard link. */
  readonly words: string;
  readonly mtimeMs: number;
}

export type FileTree = ReadonlyMap<string, TreeFile>;

type Line = readonly [string, string, number, number, number, number, number, string];

/** What layers (topmost first) show together. `scratch`: a directory for an archive on the way. */
export async function fileTree(request: { readonly lower: readonly string[]; readonly scratch: string }): Promise<FileTree> {
  const { lower, scratch } = request;
  if (lower.length === 0) return new Map();
  const answer = await runHelper({ op: 'scan', lower, paths: [''], recursive: true, digests: true }, { helper });
  const archive = join(scratch, 'tree.tar');
  await runHelper({ op: 'pack', lower, target: archive, compression: 'none' }, { helper });
  const members = new Map(listTar(readFileSync(archive)).map((one) => [one.name.replace(/\/$/, ''), one]));
  rmSync(archive);
  return new Map(
    (answer['entries'] as readonly Line[])
      .filter(([path]) => path !== '' && !ofTheRuntime.test(path))
      .map(([path, type, mode, uid, gid, , mtimeMs, content]) => {
        const member = members.get(path);
        const attributes = Object.entries(member?.pax ?? {})
          .filter(([key]) => key.startsWith('SCHILY.xattr.'))
          .map(([key, value]) => ` ${key.slice('SCHILY.xattr.'.length)}=${Buffer.from(value, 'latin1').toString('hex')}`)
          .sort()
          .join('');
        const link = member?.type === '1' ? ` = /${member.link}` : '';
        return [
          path,
          { words: `${type} ${mode.toString(8)} ${uid}:${gid} ${content.slice(0, 20)}${attributes}${link}`, mtimeMs },
        ];
      }),
  );
}

/** What a container's runtime makes to mount on; BuildKit of Docker 20.10 leaves it in layers. */
const ofTheRuntime = /^(?:\.dockerenv|dev(?:\/.*)?|proc|sys|etc\/(?:hosts|hostname|resolv\.conf|mtab))$/;

/** Times are compared where one side has kept an older one than the beginning of the build; not those of directories with such files. */
export function compareTrees(
  { here, there }: { readonly here: FileTree; readonly there: FileTree },
  beganMs: number,
): readonly string[] {
  return [...new Set([...here.keys(), ...there.keys()])].sort().flatMap((path) => {
    const [ours, theirs] = [here.get(path), there.get(path)];
    if (path === 'etc' && ours === undefined && theirs?.words === 'd 755 0:0 ') return [];
    if (ours?.words !== theirs?.words) return [`/${path}: here ${ours?.words ?? 'absent'}, there ${theirs?.words ?? 'absent'}`];
    const times = [ours?.mtimeMs ?? 0, theirs?.mtimeMs ?? 0].map((ms) => (ms >= beganMs ? 'new' : secondsOf(ms)));
    return path === 'etc' || times[0] === times[1] ? [] : [`/${path}: time here ${times[0]}, there ${times[1]}`];
  });
}

const secondsOf = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString();
