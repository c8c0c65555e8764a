/** Asks for a definition that is elsewhere. */
export interface DefinitionRequest {
  /** `oci://repository[:tag]`, or a git repository with `#ref:subdirectory`. */
  readonly reference: string;
  readonly env: NodeJS.ProcessEnv;
  /** Registries that may be spoken to without TLS (`--insecure-registry`). */
  readonly insecureRegistries: readonly string[];
  readonly signal: AbortSignal;
}
