import type { Service } from '#core/model/project.ts';
import { command } from '../args/command.ts';
import { viewFor } from './flow/change.ts';
import { loadModel } from './flow/model.ts';
import { pullWithView } from './flow/pull-image.ts';
import { settleTransfers } from './flow/settle-transfers.ts';

export const pull = command({
  name: 'pull',
  summary: 'Fetch the images of services',
  flags: {
    'ignore-buildable': { type: 'boolean', help: 'Leave out services that can be built' },
    'ignore-pull-failures': { type: 'boolean', help: 'Go on when an image cannot be fetched' },
    'include-deps': { type: 'boolean', help: 'Images of dependencies too' },
    policy: { type: 'string', choices: ['missing', 'always'], help: 'When to fetch' },
    quiet: { type: 'boolean', alias: 'q', help: 'Do not show progress' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, operands, context }) {
    const project = await loadModel(context, { services: operands, withoutDependencies: !flags['include-deps'] });
    const engine = await context.engine();
    const images = new Map(
      Object.values(project.services)
        .filter((service) => isWanted(service, flags['ignore-buildable']))
        .map((service) => [service.image ?? '', service.platform] as const),
    );
    const view = flags.quiet ? undefined : viewFor(context, 'pull');
    try {
      const transfers = [...images].map(async ([reference, platform]) => {
        const isHere = flags.policy === 'missing' && (await engine.inspectImage(reference)) !== undefined;
        if (!isHere) await pullWithView({ engine, reference, platform, view, signal: context.interrupts.signal });
      });
      await settleTransfers(context, transfers, { ignoreFailures: flags['ignore-pull-failures'] });
      return 0;
    } finally {
      view?.close();
    }
  },
});

function isWanted(service: Service, ignoreBuildable: boolean): boolean {
  return service.image !== undefined && !(ignoreBuildable && service.build !== undefined);
}
