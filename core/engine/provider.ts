/** Runs the external programs of services with `provider:`; part of the `Engine`. */
export interface EngineProviders {
  /**
   * Runs a provider's program for one service to its end and resolves with the variables that it sets for the services that
   * depend on it. A `stop` that the program does not know does nothing. Errors: `engine.provider-failed`.
   * Source: Docker Compose's provider protocol (docs/extension.md of docker/compose).
   */
  runProvider(
    request: ProviderRequest,
    onMessage: (message: ProviderMessage) => void,
    signal?: AbortSignal,
  ): Promise<readonly ProviderVariable[]>;
}

export interface ProviderRequest {
  readonly command: ProviderCommand;
  readonly project: string;
  readonly service: string;
  /** Name of the program: `docker-<type>` among Docker's plugins, else `<type>` in PATH. */
  readonly type: string;
  readonly options: Readonly<Record<string, readonly string[]>>;
}

export type ProviderCommand = 'up' | 'stop' | 'down';

export interface ProviderMessage {
  readonly level: 'info' | 'debug';
  readonly text: string;
}

export interface ProviderVariable {
  readonly name: string;
  readonly value: string;
  /** Under its own name, not after the service's. */
  readonly raw: boolean;
}
