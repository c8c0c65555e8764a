import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Service } from '#core/model/project.ts';
import { command } from '../args/command.ts';
import { viewFor } from './flow/change.ts';
import { loadModel } from './flow/model.ts';
import { pullWithView } from './flow/pull-image.ts';

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
      const results = await Promise.allSettled(
        [...images].map(async ([reference, platform]) => {
          const isHere = flags.policy === 'missing' && (await engine.inspectImage(reference)) !== undefined;
          if (!isHere) await pullWithView({ engine, reference, platform, view, signal: context.interrupts.signal });
        }),
      );
      const failures = results.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      if (failures.length === 0) return 0;
      const other = failures.find((one) => !(one instanceof TscomposeError));
      if (other !== undefined) throw other;
      const diagnostics = failures.flatMap((one) => (one instanceof TscomposeError ? one.diagnostics : []));
      if (!flags['ignore-pull-failures']) throw new TscomposeError(diagnostics);
      for (const one of diagnostics) context.output.diagnostic({ ...one, severity: 'warning' });
      return 0;
    } finally {
      view?.close();
    }
  },
});

function isWanted(service: Service, ignoreBuildable: boolean): boolean {
  return service.image !== undefined && !(ignoreBuildable && service.build !== undefined);
}
