import { hasCode } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import { limiter } from '#runtime/images/registry/limiter.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { viewFor } from './flow/change.ts';
import { loadModel } from './flow/model.ts';
import { pullWithView } from './flow/pull-image.ts';
import { settleTransfers } from './flow/settle-transfers.ts';
import { showSkipped } from './flow/show-transfer.ts';
import { chooseWhatToPull, type WantedImage } from './flow/what-to-pull.ts';

/** Images at once; layers have a bound of their own. */
const imagesAtOnce = 8;

export const pull = command({
  name: 'pull',
  summary: 'Fetch the images of services',
  flags: {
    'ignore-buildable': { type: 'boolean', help: 'Leave out services that can be built' },
    'ignore-pull-failures': { type: 'boolean', help: 'Go on when an image cannot be fetched' },
    'include-deps': { type: 'boolean', help: 'Images of dependencies too' },
    policy: { type: 'string', choices: ['missing', 'always'], help: 'When to fetch, whatever the file says' },
    quiet: { type: 'boolean', alias: 'q', help: 'Do not show progress' },
    parallel: { type: 'boolean', hidden: true, help: 'Fetch images at once', ignored: 'images are always fetched at once' },
    'no-parallel': { type: 'boolean', hidden: true, help: 'Fetch one by one', ignored: 'images are always fetched at once' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, operands, context }) {
    const project = await loadModel(context, { services: operands, withoutDependencies: !flags['include-deps'] });
    const engine = await context.engine();
    const present = await presentImages(
      engine,
      Object.values(project.services).flatMap(({ image }) => image ?? []),
    );
    const policy = flags.policy === undefined ? {} : { policy: flags.policy };
    const wanted = chooseWhatToPull(project, { ...policy, ignoreBuildable: flags['ignore-buildable'], present });
    const view = flags.quiet ? undefined : viewFor(context, 'pull');
    const release = view === undefined ? undefined : context.output.within((write) => view.interleave(write));
    const toBuild: string[] = [];
    try {
      for (const { reference, why } of wanted.skipped)
        showSkipped({ view, reference, diagnostic: diagnose('cli.pull-skipped', { why }) });
      const atOnce = limiter(context.settings.parallel ?? imagesAtOnce);
      const transfers = wanted.pulls.map((one) => atOnce(() => pullOrBuild(one)));
      await settleTransfers(context, transfers, { ignoreFailures: flags['ignore-pull-failures'] });
      if (toBuild.length > 0) context.output.diagnostic(diagnose('cli.must-be-built', { services: toBuild.sort() }));
      return 0;
    } finally {
      release?.();
      view?.close();
    }

    async function pullOrBuild({ reference, platform, builtBy }: WantedImage): Promise<void> {
      const { dryRun } = context.settings;
      try {
        await pullWithView({ engine, reference, platform, view, dryRun, signal: context.interrupts.signal });
      } catch (error) {
        if (builtBy.length === 0 || !hasCode(error, 'engine.pull-failed')) throw error;
        toBuild.push(...builtBy);
      }
    }
  },
});

async function presentImages(engine: Engine, references: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await Promise.all(
    [...new Set(references)].map(async (one) => ((await engine.inspectImage(one)) === undefined ? [] : [one])),
  );
  return new Set(found.flat());
}
