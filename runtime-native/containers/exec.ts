import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ExecSpec, ExecStreams } from '#core/engine/specs.ts';
import { additionalGroups, buildProcess } from '../bundle/bundle.ts';
import { capabilitySets, grantedCapabilities } from '../bundle/capabilities.ts';
import type { OciProcess } from '../bundle/oci.ts';
import { extendEnvironment } from '../bundle/process.ts';
import { deviceEdits } from '../cdi/service-devices.ts';
import type { EngineContext } from '../engine-context.ts';
import { controlSession, NoSupervisor } from '../supervisor-client/control.ts';
import { killedExitCode } from './alive.ts';
import type { ContainerRow } from './container-rows.ts';
import { execUser } from './exec-user.ts';
import { networkFiles } from './network-files.ts';
import { containerHostname } from './plan-launch.ts';
import { requireRunning } from './signal-container.ts';

const notFound = 127;
const notExecutable = 126;

export interface ExecRequest {
  readonly id: string;
  readonly spec: ExecSpec;
  readonly streams: ExecStreams;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a process in a running container. What cannot be executed ends with 126 or 127 and the runtime's words on stderr. */
export async function execInContainer(context: EngineContext, request: ExecRequest): Promise<{ readonly exitCode: number }> {
  const { spec, streams } = request;
  const row = requireRunning(context, request.id);
  const size = streams.terminalSize;
  const process = await execProcess(context, row, { ...spec, size });
  let hasStarted = false;
  const session = {
    ...streams,
    signal: request.signal,
    onStarted: () => {
      hasStarted = true;
    },
  };
  try {
    const end = await controlSession(
      context.paths.containerRun(row.id),
      {
        op: 'exec',
        process,
        tty: spec.tty,
        stdin: streams.stdin !== undefined,
        detach: spec.detach,
        ...(size === undefined ? {} : { rows: size.rows, columns: size.columns }),
      },
      session,
    );
    if ('exitCode' in end) return { exitCode: end.exitCode };
    if ('detached' in end) return { exitCode: 0 };
    const { reason, message } = end.failure;
    if (reason === 'not-found' || reason === 'not-executable') {
      streams.stderr.write(`${message}\n`);
      return { exitCode: reason === 'not-found' ? notFound : notExecutable };
    }
    if (reason === 'not-running') throw new TscomposeError(diagnose('engine.container-not-running', { name: row.name }));
    throw new TscomposeError(diagnose('engine.exec-failed', { name: row.name, reason: message }));
  } catch (error) {
    if (!(error instanceof NoSupervisor)) throw error;
    // The container ended under the session and took its process along: killed, as Docker tells it.
    if (hasStarted) return { exitCode: killedExitCode };
    throw new TscomposeError(diagnose('engine.exec-failed', { name: row.name, reason: 'the container ended' }), { cause: error });
  }
}

/** The runtime-spec process: the container's own, with the command, user, directory and variables of the request. */
async function execProcess(
  context: EngineContext,
  row: ContainerRow,
  spec: ExecSpec & { readonly size: ExecStreams['terminalSize'] },
): Promise<OciProcess> {
  const files = networkFiles(context.paths.containerState(row.id));
  const facts = context.facts();
  const { capabilities } = facts;
  const edits = deviceEdits(row.stored, facts);
  const base = buildProcess(row.stored, {
    hostname: containerHostname(context, row),
    mounts: { ...files, sources: {} },
    capabilities,
    ...(edits === undefined ? {} : { deviceEdits: edits }),
  });
  const { service } = row.stored.spec;
  const user = spec.user ? await execUser(context, row, spec.user) : row.stored.user;
  const privileged = spec.privileged || service.privileged;
  const granted = grantedCapabilities({ add: service.cap_add, drop: service.cap_drop, privileged, available: capabilities });
  const env = extendEnvironment(base.env, [
    ...(spec.tty ? ['TERM=xterm'] : []),
    ...(spec.user && service.environment?.['HOME'] === undefined ? [`HOME=${user.home}`] : []),
    ...spec.env.filter((one) => one.includes('=')),
  ]);
  return {
    ...base,
    terminal: spec.tty,
    // The supervisor learns of the terminal when the program may already have asked for its size; runc sets it before.
    ...(spec.tty && spec.size !== undefined ? { consoleSize: { height: spec.size.rows, width: spec.size.columns } } : {}),
    args: spec.argv,
    env,
    cwd: spec.workingDir || base.cwd,
    user: { uid: user.uid, gid: user.gid, additionalGids: additionalGroups(user, edits) },
    capabilities: capabilitySets(granted, user.uid),
  };
}
