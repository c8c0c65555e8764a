import { writeArchive } from '../archive-output.ts';
import { command } from '../args/command.ts';
import { projectName } from './flow/model.ts';
import { pickContainer } from './flow/pick.ts';

export const exportCommand = command({
  name: 'export',
  summary: 'Write the file system of a service container as a tar archive',
  changesAtOnce: true,
  flags: {
    index: { type: 'number', default: 0, min: 0, help: 'Number of the replica' },
    output: { type: 'string', alias: 'o', value: 'file', help: 'File to write; standard output when absent' },
  },
  operands: [{ name: 'SERVICE' }],
  examples: [{ line: 'export web -o web.tar', does: 'the files of service "web", without its volumes' }],
  async run({ flags, operands: [service = ''], context }) {
    const engine = await context.engine();
    const container = await pickContainer(engine, { project: await projectName(context), service, index: flags.index });
    await writeArchive({ host: context.host, path: flags.output, what: 'the archive' }, (output) => {
      context.output.note(` Container ${container.name} Exporting`);
      return engine.exportContainer(container.id, output, context.interrupts.signal);
    });
    context.output.note(` Container ${container.name} Exported`);
    return 0;
  },
});
