import type { LoadRequest } from '#core/load/request.ts';
import type { CommandContext } from '../../context.ts';
import { readAll } from '../../read-all.ts';

export interface LoadWish extends Partial<LoadRequest> {
  /** Services of the command line, which need not be the only ones: naming one that a profile disables enables it. */
  readonly naming?: readonly string[];
  /** What is loaded will run now: a stack whose main file was fetched is shown first, and unless `yes` the user is asked. */
  readonly consent?: { readonly yes: boolean };
}

/** What the global flags ask of the loader. */
export function loadRequest(context: CommandContext, wish: Partial<LoadRequest> = {}): LoadRequest {
  const { globals, host, env, interrupts } = context;
  const { fetchDefinition } = host;
  const insecureRegistries = globals['insecure-registry'];
  let stdin: Promise<string> | undefined;
  const directory = globals['project-directory'] ?? globals.workdir;
  return {
    cwd: host.cwd,
    env,
    files: globals.file,
    ...(globals['project-name'] === undefined ? {} : { projectName: globals['project-name'] }),
    ...(directory === undefined ? {} : { projectDirectory: directory }),
    envFiles: globals['env-file'],
    profiles: globals.profile,
    services: [],
    allResources: globals['all-resources'],
    readStdin: () => {
      stdin ??= readAll(host.stdin);
      return stdin;
    },
    ...(fetchDefinition === undefined
      ? {}
      : {
          fetchDefinition: (reference) => fetchDefinition({ reference, env, insecureRegistries, signal: interrupts.signal }),
        }),
    ...wish,
  };
}
