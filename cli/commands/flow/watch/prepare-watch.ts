import type { UpOptions } from '#core/plan/options.ts';
import type { EmitWatch } from '#core/watch/event.ts';
import { watchRules } from '#core/watch/rule.ts';
import type { CommandContext } from '../../../context.ts';
import type { TextOutput } from '../../../host.ts';
import { report } from '../change.ts';
import { confirm } from '../confirm.ts';
import type { Definition } from './definition.ts';
import { rebuildService } from './rebuild-service.ts';
import { takeWatchLock } from './take-watch-lock.ts';
import { startWatching, type Watching } from './watch-session.ts';
import { openWatchedFiles } from './watched-files.ts';

export interface PrepareWatch {
  readonly load: () => Promise<Definition>;
  readonly definition: Definition;
  /** Watched services; empty: all that have rules. */
  readonly services: readonly string[];
  readonly options: UpOptions;
  readonly flags: { readonly 'auto-apply': boolean; readonly prune: boolean; readonly quiet: boolean };
}

/** A watch that may begin: nobody else watches the project until it is disposed of, and every change of its files waits for the start. */
export interface PreparedWatch extends AsyncDisposable {
  /** The options of the `up` before it: images of watched services are built from the files as they are now. */
  readonly upOptions: UpOptions;
  /** May be called again when the watch before has ended. */
  start(watch: StartWatch): Watching;
}

/** `ask` absent: a terminal is asked by a line, if there is one. `stderr` absent: the host's, for what builds print. */
export interface StartWatch {
  readonly emit: EmitWatch;
  readonly signal: AbortSignal;
  readonly ask?: (question: string) => Promise<boolean>;
  readonly stderr?: Pick<TextOutput, 'write'>;
}

/** Checks the rules and takes the lock, before anything is changed. Rejects with `watch.*`. */
export async function prepareWatch(context: CommandContext, request: PrepareWatch): Promise<PreparedWatch> {
  const { definition, load, services, options, flags } = request;
  const { project } = definition;
  const { rules, diagnostics } = watchRules(project, services);
  // Warnings come when the watch begins.
  report(
    context,
    diagnostics.filter((one) => one.severity === 'error'),
  );
  const engine = await context.engine();
  const lock = await takeWatchLock(engine, project.name, context.interrupts.signal);
  // From now on: what is saved while the project is built and started belongs to the watch.
  let files = context.settings.dryRun ? undefined : openWatchedFiles(context, { project, rules });
  const builds = rules.some((rule) => project.services[rule.service]?.build !== undefined);
  return {
    upOptions: builds ? { ...options, build: 'always' } : options,
    start({ emit, signal, ask, stderr = context.host.stderr }) {
      const opened = files;
      files = undefined;
      return startWatching(context, {
        ...{ definition, load, services, options, engine, files: opened, signal },
        emit,
        rebuild: (current, service) => rebuildService(context, { project: current, service, options, ...flags, stderr, signal }),
        autoApply: flags['auto-apply'],
        ...(ask === undefined && context.host.stdin.isTTY !== true
          ? {}
          : { ask: ask ?? ((question: string) => confirm(context, question)) }),
      });
    },
    async [Symbol.asyncDispose]() {
      files?.close();
      await lock[Symbol.asyncDispose]();
    },
  };
}
