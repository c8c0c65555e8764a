/** Label names that Docker Compose writes and other tools read. */
export const composeLabel = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  version: 'com.docker.compose.version',
  workingDir: 'com.docker.compose.project.working_dir',
  configFiles: 'com.docker.compose.project.config_files',
  environmentFile: 'com.docker.compose.project.environment_file',
  oneOff: 'com.docker.compose.oneoff',
  configHash: 'com.docker.compose.config-hash',
  number: 'com.docker.compose.container-number',
  dependsOn: 'com.docker.compose.depends_on',
  image: 'com.docker.compose.image',
  imageVolumes: 'com.docker.compose.image-volume-digest',
  slug: 'com.docker.compose.slug',
  replace: 'com.docker.compose.replace',
  network: 'com.docker.compose.network',
  volume: 'com.docker.compose.volume',
} as const;

/** Labels of our own, by which `up` decides whether something is still what the file says. */
export const ownLabel = {
  /** `<version>-<sha256>` of the definition. */
  hash: 'io.tscompose.hash',
  /** The definition as canonical JSON, secret values replaced by digests: from it a plan names what changed. */
  definition: 'io.tscompose.definition',
  /** Container ids whose namespaces or volumes this container shares, as JSON: stale when one was made anew. */
  donors: 'io.tscompose.donors',
} as const;
