import type { ExecSpec } from '../engine/specs.ts';
import type { Hook } from '../model/project.ts';

/** What a hook runs in its container: a lifecycle hook, or the `exec` of a watch rule. Variables without a value are left out. */
export function hookExec(hook: Hook): ExecSpec {
  return {
    argv: hook.command ?? [],
    env: Object.entries(hook.environment ?? {}).flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`])),
    ...(hook.user === undefined ? {} : { user: hook.user }),
    ...(hook.working_dir === undefined ? {} : { workingDir: hook.working_dir }),
    tty: false,
    privileged: hook.privileged ?? false,
    detach: false,
  };
}
