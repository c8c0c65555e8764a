import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Project } from '#core/model/project.ts';
import type { UpOptions } from '#core/plan/options.ts';
import { diagnose } from '../../../args/catalogue.ts';
import type { CommandContext } from '../../../context.ts';

/** Makes a service's image again and its containers with it; what it depends on stays. Rejects with what failed. */
export async function rebuildService(
  _context: CommandContext,
  request: { readonly project: Project; readonly service: string; readonly options: UpOptions; readonly quiet: boolean },
): Promise<void> {
  throw new TscomposeError(
    diagnose('cli.not-yet', {
      what: `rebuilding the image of "${request.service}"`,
      instead: 'build it elsewhere and run "tscompose up -d"',
    }),
  );
}
