import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { diagnose } from '#core/builder/catalogue.ts';
import { buildProject } from '#core/builder/request.ts';
import type { RunStep } from '#core/builder/step.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { awaitContainer } from '../containers/await-container.ts';
import { containerLogs } from '../containers/container-logs.ts';
import { createContainer } from '../containers/create-container.ts';
import { removeContainer } from '../containers/remove-container.ts';
import { startContainer } from '../containers/start-container.ts';
import { stopContainer } from '../containers/stop-container.ts';
import { hasEmulator } from '../host/emulators.ts';
import { processStartTime } from '../host/process-identity.ts';
import { hostPlatform, parsePlatform } from '../images/platform.ts';
import { ownerLabels } from './build-containers.ts';
import { ownPlatform } from './build-platforms.ts';
import type { BuildSession } from './build-session.ts';
import { commitState } from './commit-state.ts';
import type { StepRun } from './perform-step.ts';
import { openRunMounts, type RunMounts } from './run-mounts.ts';
import { networkMode, runService } from './run-service.ts';
import type { Performed, StepRequest } from './step-request.ts';

/** Where every container has something mounted; what a runtime makes to mount on is not part of the layer. */
const ownMountPoints = ['/dev', '/proc', '/sys', '/etc/hosts', '/etc/hostname', '/etc/resolv.conf'];

/** Lines and characters of a failed step's output that its message shows. */
const outputTail = 10;
const outputChars = 2000;

/** Does a RUN step in a container on the files so far, which is gone afterwards. Rejects with `build.step-failed`. */
export async function runInContainer(
  session: BuildSession,
  { step, state, platform }: StepRequest<RunStep>,
  run: StepRun,
): Promise<Performed> {
  const { context, signal } = session;
  checkEmulator(platform, step.at);
  if (state.imageId === undefined) {
    const reason = 'there is nothing to run in an empty image';
    throw new TscomposeError(diagnose('build.dockerfile-invalid', { reason, hint: 'COPY something into it first' }, step.at));
  }
  await session.successor.arm();
  await using mounts = await openRunMounts(session, step);
  const { id } = await createContainer(
    context,
    {
      name: `tscompose-build-${randomBytes(8).toString('hex')}`,
      project: buildProject,
      serviceName: session.request.name,
      number: 0,
      oneOff: true,
      image: state.imageId,
      service: runService(session, step, mounts),
      endpoints: networkMode(session, step) === undefined ? [{ network: await session.network.name(), aliases: [] }] : [],
      mounts: mounts.mounts,
      files: mounts.files,
      labels: ownerLabels(),
    },
    signal,
  );
  try {
    const tail: string[] = [];
    const exitCode = await execute(session, { id, step, run, tail, environment: mounts.secretEnv });
    if (exitCode !== 0) throw failed(step, exitCode, tail);
    const mountPoints = [...ownMountPoints, ...mounts.mounts.map((one) => one.target), ...mounts.files.map((one) => one.target)];
    return await commitState(session, {
      parent: state.imageId,
      upper: join(context.paths.containerState(id), 'upper'),
      mountPoints,
    });
  } finally {
    await stopContainer(context, id, { timeoutMs: 0 });
    await removeContainer(context, id, { volumes: true });
  }
}

/** Programs of another platform run where the kernel has somebody to run them. */
function checkEmulator(platform: string, at: RunStep['at']): void {
  const { architecture } = parsePlatform(platform);
  const own = hostPlatform().architecture;
  // Processors of the larger kind run programs of the smaller one.
  const isNative =
    architecture === own || (own === 'amd64' && architecture === '386') || (own === 'arm64' && architecture === 'arm');
  if (isNative || hasEmulator(architecture)) return;
  throw new TscomposeError(diagnose('build.no-emulator', { platform, own: ownPlatform() }, at));
}

async function execute(
  session: BuildSession,
  request: {
    readonly id: string;
    readonly step: RunStep;
    readonly run: StepRun;
    readonly tail: string[];
    readonly environment: RunMounts['secretEnv'];
  },
): Promise<number> {
  const { context, signal } = session;
  const { id, step, run, tail } = request;
  try {
    const owner = { pid: process.pid, startTime: processStartTime(process.pid) ?? 0 };
    await startContainer(context, id, { signal, environment: request.environment, owner });
  } catch (error) {
    if (!(error instanceof TscomposeError)) throw error;
    throw failed(step, error.diagnostics[0]?.exit ?? 127, [error.message]);
  }
  const following = follow(session, { id, run, tail });
  const outcome = await awaitContainer(context, id, { condition: 'exited', signal });
  await following;
  return 'exitCode' in outcome ? (outcome.exitCode ?? 1) : 1;
}

async function follow(
  session: BuildSession,
  { id, run, tail }: { readonly id: string; readonly run: StepRun; readonly tail: string[] },
): Promise<void> {
  for await (const entry of containerLogs(session.context, id, { query: { follow: true }, signal: session.signal })) {
    run.output(entry.stream, entry.partial ? entry.text : `${entry.text}\n`);
    tail.push(entry.text);
    if (tail.length > outputTail) tail.shift();
  }
}

function failed(step: RunStep, exitCode: number, tail: readonly string[]): TscomposeError {
  return new TscomposeError(
    diagnose('build.step-failed', { step: step.title, exitCode, output: tail.join(' | ').trim().slice(-outputChars) }, step.at),
  );
}
