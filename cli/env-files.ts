import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Globals } from './args/globals.ts';
import type { Host } from './host.ts';

/**
 * The process environment plus those `COMPOSE_*` keys of the env files that the process lacks: `--env-file` (or
 * COMPOSE_ENV_FILES), else `.env` of the project or working directory. Files that cannot be read or parsed are left to
 * the loader, which reports them with their place.
 */
export async function composeVariables(request: { env: Host['env']; cwd: string; globals: Globals }): Promise<Host['env']> {
  const { env, cwd, globals } = request;
  const texts = await Promise.all(envFiles(env, globals).map((file) => readOrEmpty(resolve(cwd, file))));
  if (!texts.some((text) => text.includes('COMPOSE_'))) return env;
  const { parseDotenv } = await import('#core/load/dotenv.ts');
  const found: Record<string, string> = {};
  for (const text of texts) {
    const values = parseDotenv(text, { lookup: (name) => env[name] });
    if (!(values instanceof Map)) continue;
    for (const [key, value] of values) if (key.startsWith('COMPOSE_') && env[key] === undefined) found[key] = value;
  }
  return { ...found, ...env };
}

function envFiles(env: Host['env'], globals: Globals): readonly string[] {
  if (globals['env-file'].length > 0) return globals['env-file'];
  const listed = (env['COMPOSE_ENV_FILES'] ?? '').split(',').filter((file) => file !== '');
  if (listed.length > 0) return listed;
  if (/^(1|t|true)$/i.test(env['COMPOSE_DISABLE_ENV_FILE'] ?? '')) return [];
  return [join(globals['project-directory'] ?? globals.workdir ?? '.', '.env')];
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Missing or unreadable: the loader knows whether that is a mistake.
    return '';
  }
}
