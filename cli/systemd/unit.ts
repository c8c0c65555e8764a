import { join } from 'node:path';
import type { Globals } from '../args/globals.ts';
import type { Host } from '../host.ts';

export interface UnitRequest {
  readonly project: string;
  /** Absolute. */
  readonly workingDir: string;
  /** Absolute; `-` (standard input) cannot be read at boot and is refused by the caller. */
  readonly composeFiles: readonly string[];
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  /** Absolute path of the program. */
  readonly program: string;
  readonly env: Host['env'];
}

/** Where systemd finds units of the administrator; TSCOMPOSE_UNIT_DIR is for tests and images of machines. */
export function unitPath(project: string, env: Host['env']): string {
  return join(env['TSCOMPOSE_UNIT_DIR'] ?? '/etc/systemd/system', unitName(project));
}

/** Name of a project's unit; project names are lower case letters, digits, `-` and `_`. */
export function unitName(project: string): string {
  return `tscompose-${project}.service`;
}

/**
 * The unit that brings a project up at boot, in its order of dependencies, and stops it in the reverse one at shutdown. Containers
 * that exist are started as they are: a boot is no deployment, and what somebody has put aside stays so. `KillMode=process`: supervisors are nobody's to kill.
 */
export function unitText(request: UnitRequest): string {
  const { project, workingDir, env } = request;
  const root = env['TSCOMPOSE_ROOT'];
  const environment = ['TSCOMPOSE_ROOT', 'TSCOMPOSE_LIBEXEC', 'TSCOMPOSE_CONFIG'].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [`Environment=${quoted(`${name}=${value}`)}`];
  });
  const flags = [
    ['--project-name', project],
    ['--project-directory', workingDir],
    ...request.composeFiles.map((path) => ['--file', path]),
    ...request.envFiles.map((path) => ['--env-file', path]),
    ...request.profiles.map((name) => ['--profile', name]),
    ['--progress', 'plain'],
  ].flat();
  const line = (...words: readonly string[]) => [request.program, ...flags, ...words].map(argument).join(' ');
  return `# Written by "tscompose enable"; "tscompose disable" removes it.
[Unit]
Description=tscompose project ${project.replaceAll('%', '%%')}
Wants=network-online.target
After=network-online.target local-fs.target
RequiresMountsFor=${[workingDir, ...(root === undefined ? ['/var/lib/tscompose'] : [root])].map(quoted).join(' ')}

[Service]
Type=oneshot
RemainAfterExit=yes
WorkingDirectory=${workingDir.replaceAll('%', '%%')}
${environment.map((one) => `${one}\n`).join('')}ExecStart=${line('up', '--detach', '--no-recreate', '--pull', 'missing', '--resume')}
ExecStop=${line('stop', '--resumable')}
KillMode=process
TimeoutStartSec=infinity
TimeoutStopSec=infinity

[Install]
WantedBy=multi-user.target
`;
}

/** Profiles that the flags or the environment have enabled; what `up` would start now is what a boot starts. */
export function profilesOf(globals: Pick<Globals, 'profile'>, env: Host['env']): readonly string[] {
  if (globals.profile.length > 0) return globals.profile;
  return (env['COMPOSE_PROFILES'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}

/** A word of a command line of a unit (systemd.service, "Command lines"): also `$` would be expanded there. */
function argument(text: string): string {
  return quoted(text.replaceAll('$', '$$$$'));
}

/** Quotes where needed; `%` begins a specifier everywhere in a unit. */
function quoted(text: string): string {
  const escaped = text.replaceAll('%', '%%');
  if (/^[\w@%+=:,./$-]+$/.test(escaped)) return escaped;
  return `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
