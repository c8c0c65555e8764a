/** A reference as two columns, short as Docker shows it: `docker.io/library/nginx:1.27` → `nginx`, `1.27`. */
export function repositoryAndTag(reference: string): { repository: string; tag: string } {
  const withoutDigest = reference.split('@', 1)[0] ?? reference;
  const colon = withoutDigest.lastIndexOf(':');
  const hasTag = colon > withoutDigest.lastIndexOf('/');
  const repository = hasTag ? withoutDigest.slice(0, colon) : withoutDigest;
  const tag = hasTag ? withoutDigest.slice(colon + 1) : reference.includes('@') ? '<none>' : 'latest';
  return { repository: familiar(repository), tag };
}

/** `docker.io/library/nginx:1.27` → `nginx:1.27`. */
export function familiar(reference: string): string {
  return reference.replace(/^docker\.io\/(?:library\/)?/, '');
}
