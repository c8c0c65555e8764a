import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { Event } from '#core/events/event.ts';
import type { Project } from '#core/model/project.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import type { UpOptions } from '#core/plan/options.ts';
import type { Plan } from '#core/plan/plan.ts';
import { hookIndex } from '#core/plan/pre-start.ts';
import type { CommandContext } from '../../context.ts';
import { InterruptedError } from '../../interrupts.ts';
import { paceOf } from '../../pace.ts';
import { localTimestamp } from '../../views/local-time.ts';
import { hookLogName, logName, logPrinter } from '../../views/log-printer.ts';
import type { View } from '../../views/view.ts';
import { type Attachment, attachment, type Role } from './attachment.ts';
import { bringUp } from './bring-up.ts';
import { viewFor } from './change.ts';
import { type Menu, openMenu } from './menu.ts';
import { killServices, stopServices } from './stop-services.ts';
import { type WatchSwitch, watchSwitch } from './watch-switch.ts';

export interface AttachedUp {
  readonly project: Project;
  readonly options: UpOptions;
  readonly quietPull: boolean;
  readonly quietBuild: boolean;
  /** Services whose output is shown. */
  readonly attach: ReadonlySet<string>;
  readonly abortOn: 'exit' | 'failure' | undefined;
  readonly exitCodeFrom: string | undefined;
  readonly colour: boolean;
  readonly prefix: boolean;
  readonly timestamps: boolean;
  /** Keys are read: `w` turns the watch on and off, `d` leaves the containers running. */
  readonly menu: boolean;
  readonly watch: WatchBeside;
}

/** Watching files while the output of containers is shown. */
export interface WatchBeside {
  /** From the start, and a failure ends the command; else a key turns it on. */
  readonly isOn: boolean;
  /** Watches until the signal aborts. `write` puts a line between those of the containers; `ask` is there when keys are read. */
  readonly run: (watch: {
    readonly write: (line: string) => void;
    readonly ask: Menu['ask'] | undefined;
    readonly signal: AbortSignal;
  }) => Promise<void>;
}

/**
 * `up` in the foreground: starts, shows the output of containers from their first line on and ends when all of them have
 * exited (status 0), when one exits in an abort mode (its status), or at Ctrl-C (130): first an orderly stop, at the
 * second a kill. While files are watched it goes on when all have exited: the next change may start them again.
 */
export async function attachedUp(context: CommandContext, request: AttachedUp): Promise<number> {
  const { host, interrupts } = context;
  const engine = await context.engine();
  const view = viewFor(context, 'up', { withoutStarts: true });
  const starting = new AbortController();
  const ending = Promise.withResolvers<Ending>();
  const write = (line: string): void => view.interleave(() => host.stdout.write(`${line}\n`));
  const end = (how: Ending): void => {
    starting.abort(new InterruptedError());
    ending.resolve(how);
  };
  const attached = attach(context, { ...request, engine, view, onExit: (exit) => settle(request, exit, end) });
  const release = interrupts.take((count) => {
    if (count === 1) end({ kind: 'interrupted' });
    else if (count > 2) host.abandon(130);
    else void killServices(engine, { project: request.project.name, services: request.options.services });
  });
  try {
    await bringUp(context, { ...request, operation: 'up', view, signal: starting.signal, onEvent: attached.onEvent })
      .then(() => attached.rest())
      .catch((error: unknown) => {
        if (!starting.signal.aborted) throw error;
      });
    view.close();
    // Not before: the plan may have had a question.
    const hasMenu = request.menu && !starting.signal.aborted;
    const { watch } = request;
    using menu = hasMenu
      ? openMenu(context, { write, detach: () => end({ kind: 'detached' }), toggleWatch: () => watching.toggle() })
      : undefined;
    const watching = watchSwitch({
      run: (signal) => watchBeside(signal, menu?.ask),
      onFailure: (error) => {
        if (watch.isOn || !(error instanceof TscomposeError)) ending.reject(error);
        else for (const diagnostic of error.diagnostics) view.interleave(() => context.output.diagnostic(diagnostic));
      },
    });
    if (watch.isOn && !starting.signal.aborted) watching.toggle();
    allOver(watching).then(() => ending.resolve({ kind: 'finished' }), ending.reject);
    const how = await ending.promise.finally(() => watching.close());
    return await finish(context, { ...request, engine, view, end: how, attached: attached.attachment });
  } finally {
    release();
    view.close();
    attached.attachment.close();
  }

  /** Resolves when all have exited while nothing is watched: a watch may start them again. */
  async function allOver(watching: WatchSwitch): Promise<void> {
    for (;;) {
      await attached.attachment.finished();
      if (!watching.isOn()) return;
      await watching.whenOff();
    }
  }

  /** Watches files, and shows the output of containers that the watch starts. */
  async function watchBeside(signal: AbortSignal, ask: Menu['ask'] | undefined): Promise<void> {
    const followStarts = async (until: AbortSignal): Promise<void> => {
      for await (const { container, change } of engine.watch(request.project.name, until))
        if (change === 'started') attached.again(container);
    };
    const failing = new AbortController();
    const both = AbortSignal.any([signal, failing.signal]);
    const watched = request.watch.run({ write, ask, signal }).finally(() => failing.abort());
    await Promise.all([watched, followStarts(both)]);
  }
}

type Ending =
  | { readonly kind: 'finished' }
  | { readonly kind: 'interrupted' }
  /** The containers go on. */
  | { readonly kind: 'detached' }
  | { readonly kind: 'aborted'; readonly exitCode: number };

interface Exit {
  readonly container: ObservedContainer;
  readonly exitCode: number;
}

/** Whether an exit ends the command. */
function settle(request: AttachedUp, exit: Exit, end: (ending: Ending) => void): void {
  if (request.abortOn === undefined || (request.abortOn === 'failure' && exit.exitCode === 0)) return;
  end({ kind: 'aborted', exitCode: exit.exitCode });
}

/** The orderly stop, if one is needed, and the exit status. */
async function finish(
  context: CommandContext,
  request: AttachedUp & { engine: Engine; view: View; end: Ending; attached: Attachment },
): Promise<number> {
  const { end, view, attached, engine, project } = request;
  const stop = () => stopServices(context, { project, services: request.options.services });
  switch (end.kind) {
    case 'finished':
    case 'detached':
      return 0;
    case 'interrupted':
      attached.close();
      view.notice('Stopping', 'Gracefully Stopping... press Ctrl+C again to force');
      await stop();
      return 130;
    case 'aborted': {
      view.notice('Stopping', 'Aborting on container exit...');
      await stop();
      const from = request.exitCodeFrom;
      if (context.interrupts.count() > 0) return 130;
      return from === undefined ? end.exitCode : ((await exitCodeOf(engine, project.name, from)) ?? end.exitCode);
    }
  }
}

async function exitCodeOf(engine: Engine, project: string, service: string): Promise<number | undefined> {
  const containers = await engine.listContainers({ project });
  return containers.find((one) => one.service === service && !one.oneOff && one.exitCode !== undefined)?.exitCode;
}

/** What the command shows, and whose ends it waits for: as Docker Compose the named services, else the shown ones, and the one whose status counts. */
function roleOf(request: AttachedUp, service: string): Role {
  const isShown = request.attach.has(service);
  const { services } = request.options;
  const isMeant = services.length > 0 ? services.includes(service) : isShown;
  return { isShown, isAwaited: isMeant || service === request.exitCodeFrom };
}

/** Follows containers as they start, then all that are there. */
function attach(context: CommandContext, request: AttachedUp & { engine: Engine; view: View; onExit: (exit: Exit) => void }) {
  const { host } = context;
  const { engine, view } = request;
  const project = request.project.name;
  const printer = logPrinter({
    writeOut: (text) => view.interleave(() => host.stdout.write(text)),
    writeError: (text) => view.interleave(() => host.stderr.write(text)),
    colour: request.colour,
    prefix: request.prefix,
    ...(request.timestamps ? { stamp: () => `${localTimestamp(new Date(host.now()))} ` } : {}),
  });
  const role = (service: string): Role => roleOf(request, service);
  const { onExit } = request;
  const roles = { roleOf: (one: ObservedContainer) => role(one.service), onExit };
  const attached = attachment({ engine, project, printer, pace: paceOf(host), sinceMs: host.now(), ...roles });
  const matters = (service: string): boolean => role(service).isShown || role(service).isAwaited;
  const isFollowed = (one: ObservedContainer): boolean => matters(one.service) && !one.oneOff;
  const follow = async (name?: string): Promise<void> => {
    const containers = await engine.listContainers({ project });
    for (const one of containers) if (isFollowed(one) && (name === undefined || one.name === name)) attached.follow(one);
  };
  let pending: Promise<void> = Promise.resolve();
  return {
    attachment: attached,
    onEvent(event: Event): void {
      if (event.type === 'plan-ready') {
        const names = attachedNames(event.plan, request);
        for (const name of names) printer.register(name);
        if (names.length > 0) view.interleave(() => host.stdout.write(`Attaching to ${names.join(', ')}\n`));
      }
      if (event.type === 'log-line' && request.attach.has(event.service)) {
        const container = { name: event.container, project, service: event.service };
        printer.line(hookLogName(container), { ...event, like: logName(container) });
      }
      if (event.type !== 'action-finished' || event.action.kind !== 'container.start' || !matters(event.action.service)) return;
      const { name } = event.action;
      // Listed after the event, when the container has its final name. A failure shows in `rest`.
      pending = pending.then(() => follow(name));
      pending.catch(() => {});
    },
    again(container: ObservedContainer): void {
      if (isFollowed(container)) attached.followAgain(container);
    },
    async rest(): Promise<void> {
      await pending;
      await follow();
    },
  };
}

/** Log names of the containers that the plan starts or finds running, sorted by container name. */
function attachedNames(plan: Plan, request: AttachedUp): string[] {
  const started = plan.actions.flatMap((action) => (action.kind === 'container.start' ? [action] : []));
  const unchanged = plan.unchanged.flatMap((one) =>
    one.kind === 'container' && one.service !== undefined ? [{ ...one, service: one.service }] : [],
  );
  return [...started, ...unchanged]
    .filter((one) => request.attach.has(one.service) && hookIndex({ ...one, project: request.project.name }) === undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => logName({ ...one, project: request.project.name }));
}
