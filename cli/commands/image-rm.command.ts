import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { command } from '../args/command.ts';

export const imageRm = command({
  name: 'image rm',
  summary: 'Remove images',
  changesAtOnce: true,
  flags: { force: { type: 'boolean', alias: 'f', help: 'Even if it has several names' } },
  operands: [{ name: 'IMAGE', many: true }],
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const failures: Diagnostic[] = [];
    for (const reference of operands) {
      try {
        const { untagged, deleted } = await engine.removeImage(reference, { force: flags.force });
        const lines = [...untagged.map((name) => `Untagged: ${name}\n`), ...deleted.map((id) => `Deleted: ${id}\n`)];
        context.output.result(lines.join(''));
      } catch (error) {
        if (!(error instanceof TscomposeError)) throw error;
        failures.push(...error.diagnostics);
      }
    }
    if (failures.length > 0) throw new TscomposeError(failures);
    return 0;
  },
});
