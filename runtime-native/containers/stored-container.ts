import type { ContainerSpec, FileSpec, ImageConfig, MountSpec } from '#core/engine/specs.ts';
import type { UserLookup } from '../images/image-store.ts';

/** What the row of a container holds as JSON (`containers.spec`): everything a start needs, never the content of a secret. */
export interface StoredContainer {
  readonly version: 1;
  readonly id: string;
  /** `files` and `mounts` are superseded by the fields below. */
  readonly spec: ContainerSpec;
  readonly image: { readonly id: string; readonly digest: string; readonly config: ImageConfig };
  readonly user: UserLookup;
  /** Volumes all have names here: anonymous ones got theirs at creation. */
  readonly mounts: readonly StoredMount[];
  readonly files: readonly StoredFile[];
  /** Text of the seccomp profile that `security_opt` names, as it was at creation. */
  readonly seccompProfile?: string;
  /** Effective argv, without an init. */
  readonly argv: readonly string[];
  /** Networks by engine name and id, in the order of `spec.endpoints`. */
  readonly networks: readonly { readonly name: string; readonly id: string }[];
}

export type StoredMount =
  | Exclude<MountSpec, { type: 'volume' | 'image' }>
  | (Extract<MountSpec, { type: 'volume' }> & { readonly volume: string; readonly anonymous: boolean })
  | (Extract<MountSpec, { type: 'image' }> & { readonly imageId: string });

/** `path` is the host file that is mounted: the user's own, or a copy of the content in the container's state directory. */
export interface StoredFile extends Omit<FileSpec, 'source'> {
  readonly path: string;
}
