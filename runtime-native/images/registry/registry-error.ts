export interface RegistryErrorOptions {
  readonly cause?: unknown;
  /** What the user can do, for the hint. */
  readonly advice?: string | undefined;
  /** HTTP status, when the registry answered. */
  readonly status?: number;
  /** The other side does not speak TLS. */
  readonly isPlain?: boolean;
}

/** A registry said no, or cannot be reached; message and advice are for the user. */
export class RegistryError extends Error {
  readonly advice: string | undefined;
  readonly status: number | undefined;
  readonly isPlain: boolean;

  constructor(message: string, options: RegistryErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'RegistryError';
    this.advice = options.advice;
    this.status = options.status;
    this.isPlain = options.isPlain ?? false;
  }
}
