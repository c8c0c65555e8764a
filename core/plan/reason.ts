/** Why an action is in a plan: a closed union with data; the view makes words of it. */
export type Reason =
  | { readonly kind: 'absent' }
  /** Keys of the service that differ, as dotted paths sorted; values rendered as JSON, secrets as `***`. */
  | { readonly kind: 'config-changed'; readonly changes: readonly ConfigChange[] }
  | { readonly kind: 'image-changed'; readonly from: string; readonly to: string }
  | { readonly kind: 'file-content-changed'; readonly of: 'config' | 'secret' | 'env_file'; readonly name: string }
  | { readonly kind: 'network-changed'; readonly network: string }
  | { readonly kind: 'volume-changed'; readonly volume: string }
  | { readonly kind: 'dependency-recreated'; readonly of: string }
  | { readonly kind: 'dependency'; readonly of: string; readonly condition: string }
  | { readonly kind: 'scale-up'; readonly to: number }
  | { readonly kind: 'scale-down'; readonly to: number }
  | { readonly kind: 'orphan' }
  | { readonly kind: 'forced' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'requested' }
  /** The pull policy wants the tag fetched again; it was last fetched then. */
  | { readonly kind: 'image-stale'; readonly policy: string; readonly taggedAt: string }
  | { readonly kind: 'part-of-recreate' }
  | { readonly kind: 'unused' };

export interface ConfigChange {
  readonly path: string;
  /** JSON text; absent: was not there. */
  readonly from?: string;
  readonly to?: string;
}
