export interface Change {
  /** File name: `<slug>.<kind>.md`. */
  readonly file: string;
  readonly text: string;
}

const kinds = { feature: 'New', change: 'Changed', fix: 'Fixed' } as const;

/** The changelog's section of one release; throws on a file name that is not `<slug>.<feature|fix|change>.md`. */
export function releaseSection(release: {
  readonly version: string;
  readonly date: string;
  readonly changes: readonly Change[];
}): string {
  const kindOf = ({ file }: Change): string | undefined => /^[a-z0-9-]+\.(feature|change|fix)\.md$/.exec(file)?.[1];
  const stray = release.changes.find((change) => kindOf(change) === undefined);
  if (stray !== undefined) throw new Error(`changes/${stray.file}: name it <slug>.<${Object.keys(kinds).join('|')}>.md`);
  const groups = Object.entries(kinds).map(([kind, title]) => {
    const lines = release.changes
      .filter((change) => kindOf(change) === kind)
      .map(({ text }) => `- ${text.trim().replaceAll('\n', '\n  ')}\n`);
    return lines.length === 0 ? '' : `\n### ${title}\n\n${lines.sort().join('')}`;
  });
  return `## ${release.version} (${release.date})\n${groups.join('')}`;
}
