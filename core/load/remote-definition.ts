/**
 * Whether a reference to a compose file, as it is written, means one that Docker Compose would fetch (an OCI artifact, a git
 * repository). Definitions are never fetched: what an artifact's author names its layers cannot become a path on this host.
 */
export function isRemoteDefinition(written: string): boolean {
  return /^(oci|https?|ssh|git):\/\/|^git@|^github\.com\//i.test(written);
}
