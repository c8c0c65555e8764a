import { type LockHolder, lockFile } from './file-lock.ts';

export interface LockRequest {
  /** Directory of all locks. */
  readonly directory: string;
  readonly project: string;
  /** Called once when another living process holds the lock. */
  readonly onWait: (holder: LockHolder) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Takes the lock of a project; see `lockFile`. */
export function lockProject({ project, ...request }: LockRequest): Promise<AsyncDisposable> {
  return lockFile({ ...request, name: project });
}
