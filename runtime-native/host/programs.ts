import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { programPath } from './run-program.ts';

export interface NativePrograms {
  readonly supervisor: string;
  readonly helper: string;
  /** Missing where no static C library was there to build it. */
  readonly init: string;
  /** Carries log lines over TLS. */
  readonly logRelay: string;
}

/** Our native programs: beside the source after `make`, or where `TSCOMPOSE_LIBEXEC` says (packages). */
export function nativePrograms(env: NodeJS.ProcessEnv): NativePrograms {
  const directory = env['TSCOMPOSE_LIBEXEC'] ?? join(import.meta.dirname, '..', 'supervisor', 'build');
  return {
    supervisor: join(directory, 'tscompose-supervisor'),
    helper: join(directory, 'tscompose-helper'),
    init: join(directory, 'tscompose-init'),
    logRelay: join(directory, 'tscompose-log-relay'),
  };
}

/** Absolute path of a host program in the trusted directories, or undefined. */
export function findProgram(name: string): string | undefined {
  if (name.startsWith('/')) return isExecutable(name) ? name : undefined;
  return programPath
    .split(':')
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

/** A static init program to be process 1 of `init: true` containers: our own, else one of the host. */
export function findInit(own: string): string | undefined {
  return [
    own,
    '/usr/bin/tini-static',
    '/usr/libexec/docker/docker-init',
    '/usr/bin/docker-init',
    '/usr/lib/docker-init/tini-static',
    '/sbin/tini-static',
  ].find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Missing or not executable: both mean "not usable".
    return false;
  }
}
