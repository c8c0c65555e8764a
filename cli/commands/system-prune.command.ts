import { hasCode } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import { command } from '../args/command.ts';
import type { CommandContext } from '../context.ts';
import { familiar } from '../views/image-name.ts';
import { sizeText } from '../views/sizes.ts';
import { lock } from './flow/change.ts';
import { confirm } from './flow/confirm.ts';
import { findUnused, type Unused } from './flow/unused.ts';

export const systemPrune = command({
  name: 'system prune',
  summary: 'Remove stopped containers, unused networks and images without a name, of all stacks or of some',
  flags: {
    all: { type: 'boolean', alias: 'a', help: 'Also images with names that no container needs' },
    force: { type: 'boolean', alias: 'f', help: 'Do not ask' },
    volumes: { type: 'boolean', help: 'Also anonymous volumes that nobody needs' },
  },
  operands: [{ name: 'STACK', optional: true, many: true }],
  examples: [{ line: 'system prune old-app', does: 'what is stopped or unused of the stack "old-app"; no images' }],
  async run({ flags, operands: stacks, context }) {
    const engine = await context.engine();
    const wish = { stacks, withVolumes: flags.volumes };
    const unused = findUnused(await engine.diskUsage(context.interrupts.signal), wish);
    const lines = [
      ...unused.containers.map((one) => `Container ${one.name}: ${one.state}`),
      ...unused.networks.map((one) => `Network ${one.name}: unused`),
      ...unused.volumes.map((one) => `Volume ${one.name}: anonymous, unused`),
      // Images belong to no stack.
      ...(stacks.length > 0
        ? []
        : [flags.all ? 'Images that no container needs then' : 'Images without a name that no container needs']),
    ];
    if (lines.length === 0) {
      context.output.note('Nothing to remove.');
      return 0;
    }
    if (!flags.force || context.settings.dryRun)
      context.output.note(`This removes:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    if (context.settings.dryRun) return 0;
    if (!flags.force && !(await confirm(context, 'Continue?'))) return 0;
    let reclaimed = await removeUnused(context, { engine, unused });
    if (stacks.length === 0) {
      const pruned = await engine.pruneImages({ all: flags.all, labels: [], withoutLabels: [] });
      reclaimed += pruned.reclaimedBytes;
      context.output.result(
        [
          ...pruned.untagged.map((name) => `Untagged: ${familiar(name)}\n`),
          ...pruned.deleted.map((id) => `Deleted: ${id}\n`),
        ].join(''),
      );
    }
    context.output.result(`Total reclaimed space: ${sizeText(reclaimed)}\n`);
    return 0;
  },
});

/** Stack by stack under its lock. What somebody started or took meanwhile stays. Resolves with the bytes that are free now. */
async function removeUnused(
  context: CommandContext,
  { engine, unused }: { readonly engine: Engine; readonly unused: Unused },
): Promise<number> {
  let reclaimed = 0;
  const all = [...unused.containers, ...unused.networks, ...unused.volumes];
  const remove = async (what: string, bytes: number, body: () => Promise<void>): Promise<void> => {
    try {
      await body();
      reclaimed += bytes;
      context.output.result(`Removed: ${what}\n`);
    } catch (error) {
      if (!inUse.some((code) => hasCode(error, code))) throw error;
    }
  };
  for (const project of [...new Set(all.flatMap((one) => one.project ?? []))].sort()) {
    await using _held = await lock(context, { engine, project, signal: context.interrupts.signal });
    for (const one of unused.containers.filter((container) => container.project === project)) {
      await remove(`container ${one.name}`, one.writableBytes + one.logBytes, () => engine.removeContainer(one.id, {}));
    }
    for (const one of unused.networks.filter((network) => network.project === project)) {
      await remove(`network ${one.name}`, 0, () => engine.removeNetwork(one.name));
    }
    for (const one of unused.volumes.filter((volume) => volume.project === project)) {
      await remove(`volume ${one.name}`, one.sizeBytes, () => engine.removeVolume(one.name));
    }
  }
  return reclaimed;
}

const inUse = ['engine.container-running', 'engine.network-in-use', 'engine.volume-in-use'] as const;
