import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { viewFor } from './flow/change.ts';
import { pushWithView } from './flow/push-image.ts';

export const imagePush = command({
  name: 'image push',
  summary: 'Send an image to the registry that its name tells',
  flags: {
    'all-tags': { type: 'boolean', alias: 'a', help: 'Every local tag of the repository' },
    quiet: { type: 'boolean', alias: 'q', help: 'Do not show progress' },
  },
  operands: [{ name: 'IMAGE', many: true }],
  examples: [
    { line: 'image push registry.lan:5000/team/app:1.2', does: 'sends one image' },
    { line: 'image push --all-tags registry.lan:5000/team/app', does: 'sends all tags of a repository' },
  ],
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const references = flags['all-tags'] ? await tagsOf(operands) : operands;
    const view = flags.quiet ? undefined : viewFor(context, 'push');
    try {
      // One after the other: later tags find the layers of the first there.
      for (const reference of references) {
        const pushed = await pushWithView({
          engine,
          reference,
          view,
          dryRun: context.settings.dryRun,
          signal: context.interrupts.signal,
        });
        if (pushed !== undefined) context.output.result(`${pushed.reference}@${pushed.digest}\n`);
      }
      return 0;
    } finally {
      view?.close();
    }

    async function tagsOf(repositories: readonly string[]): Promise<readonly string[]> {
      const { parseReference } = await import('#runtime/images/reference.ts');
      const names = (await engine.listImages()).flatMap((image) => image.references).sort();
      return repositories.flatMap((text) => {
        const wanted = parseReference(text);
        const found = names.filter((name) => {
          const { registry, repository, digest } = parseReference(name);
          return registry === wanted.registry && repository === wanted.repository && digest === undefined;
        });
        if (found.length === 0) throw new TscomposeError(diagnose('cli.nothing-to-push', { reference: text }));
        return found;
      });
    }
  },
});
