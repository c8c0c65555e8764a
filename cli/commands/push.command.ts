import type { Service } from '#core/model/project.ts';
import { command } from '../args/command.ts';
import { viewFor } from './flow/change.ts';
import { loadModel } from './flow/model.ts';
import { pushWithView } from './flow/push-image.ts';
import { settleTransfers } from './flow/settle-transfers.ts';

export const push = command({
  name: 'push',
  summary: 'Send the images of services that have a build section to their registries',
  flags: {
    'ignore-push-failures': { type: 'boolean', help: 'Go on when an image cannot be sent' },
    'include-deps': { type: 'boolean', help: 'Images of dependencies too' },
    quiet: { type: 'boolean', alias: 'q', help: 'Do not show progress' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, operands, context }) {
    const project = await loadModel(context, { services: operands, withoutDependencies: !flags['include-deps'] });
    const engine = await context.engine();
    const services = Object.entries(project.services).sort(([a], [b]) => (a < b ? -1 : 1));
    const references = new Set(services.flatMap(([, service]) => pushedNames(service)));
    for (const [name, service] of services) {
      if (pushedNames(service).length === 0) context.output.note(`Skipped ${name}: push sends what has both "image" and "build"`);
    }
    const view = flags.quiet ? undefined : viewFor(context, 'push');
    try {
      const signal = context.interrupts.signal;
      const transfers = [...references].map((reference) =>
        pushWithView({ engine, reference, view, dryRun: context.settings.dryRun, signal }),
      );
      await settleTransfers(context, transfers, { ignoreFailures: flags['ignore-push-failures'] });
      return 0;
    } finally {
      view?.close();
    }
  },
});

/** What is built here goes to its registry, under each of its names; foreign images are not ours to send. */
function pushedNames(service: Service): readonly string[] {
  if (service.image === undefined || service.build === undefined) return [];
  const { tags } = service.build;
  return [service.image, ...(Array.isArray(tags) ? tags.map(String) : [])];
}
