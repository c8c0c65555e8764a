import { type Catalogue, diagnoser, entry } from '../diagnostics/diagnostic.ts';

/** What can go wrong while files are watched. Warnings do not end the command. */
const catalogue = {
  'watch.nothing': entry<{ services: readonly string[] }>({
    severity: 'error',
    message: ({ services }) =>
      `none of the selected services is configured for watch${services.length === 0 ? '' : `: ${services.join(', ')}`}`,
    hint: () => 'say under "develop: watch:" of a service which path leads to which action',
  }),
  'watch.needs-build': entry<{ service: string; path: string }>({
    severity: 'error',
    message: ({ service, path }) => `service "${service}" is to be rebuilt when "${path}" changes, but has no "build"`,
    hint: () => 'add a "build" section, or choose the action sync, restart or sync+restart',
  }),
  'watch.mounted': entry<{ service: string; path: string; target: string }>({
    severity: 'warning',
    message: ({ service, path, target }) => `service "${service}" sees "${path}" already through its bind mount "${target}"`,
    hint: () => 'the rule is left out: remove the rule, or the mount',
  }),
  'watch.already-running': entry<{ project: string; pid: number; command: string }>({
    severity: 'error',
    message: ({ project, pid, command }) => `project "${project}" is being watched already: ${command} (pid ${pid})`,
    hint: () => 'one watch of a project is enough: it takes all services',
  }),
  /** Each directory takes one watch of the kernel; other programs (editors, file indexers) of the same user count too. */
  'watch.too-many-watches': entry<{ watched: number; limit: number | undefined }>({
    severity: 'error',
    message: ({ watched, limit }) =>
      `the kernel watches no more directories${limit === undefined ? '' : `: its limit is ${limit}`}; ${watched} of ours are watched`,
    hint: () => 'raise it: sysctl fs.inotify.max_user_watches=1048576; or leave out large directories with "ignore"',
  }),
  'watch.too-many-watchers': entry<{ limit: number | undefined }>({
    severity: 'error',
    message: ({ limit }) => `too many programs watch files${limit === undefined ? '' : `: the kernel's limit is ${limit}`}`,
    hint: () => 'raise it: sysctl fs.inotify.max_user_instances=1024',
  }),
  'watch.watcher-died': entry<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `files are not watched any more: ${reason}`,
    hint: () => 'start the command again',
  }),
  /** More happened at once than the kernel keeps: everything is compared again, and no change is lost. */
  'watch.events-lost': entry<Record<never, never>>({
    severity: 'info',
    message: () => 'too many changes at once: everything is compared again',
    hint: () => 'sysctl fs.inotify.max_queued_events=65536 makes this rarer',
  }),
  'watch.unwatched': entry<{ path: string; why: 'unreadable' | 'not-utf8' | 'too-deep' }>({
    severity: 'warning',
    message: ({ path, why }) =>
      `"${path}" is not watched: ${{ unreadable: 'it cannot be read', 'not-utf8': 'its name is not UTF-8', 'too-deep': 'its path is too long' }[why]}`,
    hint: () => 'leave it out with "ignore"',
  }),
  'watch.definition-changed': entry<{ plan: string }>({
    severity: 'info',
    message: ({ plan }) => `the compose file has changed. ${plan}`,
    hint: () => 'apply it with "tscompose up -d"; with --auto-apply that is done at once',
  }),
  'watch.definition-unused': entry<Record<never, never>>({
    severity: 'info',
    message: () => 'the project stays as it is until the compose file can be used again',
  }),
  'watch.not-copied': entry<{ path: string; container: string; reason: string; kind: string }>({
    severity: 'warning',
    message: ({ path, container, reason }) => `"${path}" is not in container "${container}": ${reason}`,
    hint: ({ kind }) =>
      kind === 'no-space'
        ? 'make room in the container; it is tried again with the next change and every few seconds'
        : kind === 'read-only'
          ? 'the place is read-only: mount a volume or a tmpfs there, or choose another target'
          : undefined,
  }),
  'watch.exec-failed': entry<{ service: string; container: string; command: string; status: number }>({
    severity: 'warning',
    message: ({ container, command, status }) => `"${command}" in container "${container}" ended with status ${status}`,
    hint: ({ service }) => `it runs again at the next change; try it: tscompose exec ${service} sh`,
  }),
  'watch.not-a-file': entry<{ path: string }>({
    severity: 'warning',
    message: ({ path }) => `"${path}" is a socket, a pipe or a device and is not copied`,
    hint: () => 'leave it out with "ignore"',
  }),
} as const satisfies Catalogue;

export const diagnose = diagnoser(catalogue);
