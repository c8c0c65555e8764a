import { buildProject } from '#core/builder/request.ts';
import type { EngineContext } from '../engine-context.ts';
import { isSameProcess, processStartTime } from '../host/process-identity.ts';

const pidLabel = 'org.tscompose.build.pid';
const startLabel = 'org.tscompose.build.started';

/** Labels that tell which process a RUN container belongs to. */
export function ownerLabels(): Readonly<Record<string, string>> {
  return { [pidLabel]: String(process.pid), [startLabel]: String(processStartTime(process.pid) ?? 0) };
}

/** Ends and removes RUN containers whose build was killed. */
export async function sweepBuildContainers(context: EngineContext): Promise<void> {
  for (const row of context.database.prepare('SELECT id, spec FROM containers WHERE project = ?').all(buildProject)) {
    const { spec } = JSON.parse(String(row['spec'])) as { readonly spec: { readonly labels: Readonly<Record<string, string>> } }; // parser: written by createContainer
    if (isSameProcess(Number(spec.labels[pidLabel]), Number(spec.labels[startLabel]))) continue;
    const [{ stopContainer }, { removeContainer }] = await Promise.all([
      import('../containers/stop-container.ts'),
      import('../containers/remove-container.ts'),
    ]);
    await stopContainer(context, String(row['id']), { timeoutMs: 0 });
    await removeContainer(context, String(row['id']), { volumes: true });
  }
}
