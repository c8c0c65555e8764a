import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { preparedFiles, randomSecret } from '../../prepare/prepared-files.ts';
import type { Settings } from '../../prepare/settings.ts';
import { hashPassword, isPassword } from './bcrypt.ts';

/** What Harbor's services prove themselves with to each other, and the first passwords. */
export interface Secrets {
  readonly adminPassword: string;
  readonly databasePassword: string;
  readonly coreSecret: string;
  readonly jobserviceSecret: string;
  readonly registryPassword: string;
  /** A line of htpasswd for the registry's only user. */
  readonly registryPasswordLine: string;
  readonly registryHttpSecret: string;
  readonly csrfKey: string;
  readonly scanRobotPrefix: string;
}

/** The only user of the registry: core and its fellows. */
export const registryUser = 'harbor_registry_user';

/** Secrets in `prepared/secrets`, made the first time. Lengths are what Harbor expects: the CSRF key is an AES-256 key. */
export function ensureSecrets(directory: string, settings: Settings): Secrets {
  const files = preparedFiles(join(directory, 'prepared'));
  const secret = (name: string, length: number): string =>
    files.secret(`secrets/${name}`, { owner: 0, make: () => randomSecret(length) });
  const registryPassword = secret('registry-password', 32);
  return {
    adminPassword: files.secret('secrets/admin-password', { owner: 0, make: () => settings.adminPassword ?? randomSecret(16) }),
    databasePassword: secret('database-password', 32),
    coreSecret: secret('core-secret', 16),
    jobserviceSecret: secret('jobservice-secret', 16),
    registryPassword,
    registryPasswordLine: passwordLine(files.path('config/registry/passwd'), registryPassword),
    registryHttpSecret: secret('registry-http-secret', 32),
    csrfKey: secret('csrf-key', 32),
    scanRobotPrefix: secret('scan-robot-prefix', 8),
  };
}

/** The line that is there while it is right: it has a new salt each time it is made. */
function passwordLine(path: string, password: string): string {
  const line = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  const hash = line.slice(registryUser.length + 1);
  const isGood = line.startsWith(`${registryUser}:`) && isPassword(password, hash);
  return isGood ? line : `${registryUser}:${hashPassword(password)}`;
}
