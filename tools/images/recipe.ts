/** How an image is assembled from Debian packages. Everything that decides its content is in here: it is the cache key. */
export interface Recipe {
  readonly name: string;
  /** What compose files call it. */
  readonly reference: string;
  /** Debian packages, unpacked with all they depend on; their maintainer scripts do not run. */
  readonly packages: readonly string[];
  /** Files that are put in: path in the image to text, or to a file of this repository. */
  readonly files: Readonly<Record<string, { readonly text: string } | { readonly source: string; readonly mode?: number }>>;
  /** POSIX sh on the host, in the directory that is the root file system. */
  readonly script: string;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
}

/** The Debian release that all images are made of. */
export const suite = 'bookworm';

/** Accounts that every image has. */
export const baseAccounts = {
  passwd: `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`,
  group: `root:x:0:
daemon:x:1:
tty:x:5:
staff:x:50:
www-data:x:33:
users:x:100:
nogroup:x:65534:
`,
} as const;

/** Account files with more lines, as `files` of a recipe. */
export function accounts(more: { readonly passwd?: string; readonly group?: string } = {}): Recipe['files'] {
  return {
    '/etc/passwd': { text: baseAccounts.passwd + (more.passwd ?? '') },
    '/etc/group': { text: baseAccounts.group + (more.group ?? '') },
    '/etc/nsswitch.conf': { text: 'passwd: files\ngroup: files\nhosts: files dns\n' },
  };
}
