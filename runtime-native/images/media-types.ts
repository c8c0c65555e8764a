/** Media types of the OCI image specification and of Docker's schema 2, which means the same. */
export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
} as const;

export type Compression = 'none' | 'gzip' | 'zstd';

const layerTypes: Readonly<Record<Compression, string>> = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
};

export function layerMediaType(compression: Compression): string {
  return layerTypes[compression];
}

export function isIndex(mediaType: unknown): boolean {
  return mediaType === mediaTypes.index || mediaType === mediaTypes.dockerIndex;
}
