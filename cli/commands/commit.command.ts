import { command } from '../args/command.ts';
import { projectName } from './flow/model.ts';
import { pickContainer } from './flow/pick.ts';

export const commit = command({
  name: 'commit',
  summary: 'Make an image of what a service container has changed',
  changesAtOnce: true,
  flags: {
    author: { type: 'string', alias: 'a', help: 'Author of the image' },
    change: { type: 'list', alias: 'c', value: 'instruction', help: 'Dockerfile instruction to apply (repeatable)' },
    index: { type: 'number', default: 0, min: 0, help: 'Number of the replica' },
    message: { type: 'string', alias: 'm', help: 'Comment for the history' },
    pause: { type: 'boolean', alias: 'p', default: true, help: 'Let the container stand still meanwhile' },
  },
  operands: [{ name: 'SERVICE' }, { name: 'IMAGE', optional: true }],
  examples: [{ line: 'commit -m "with plugins" web web:plugins', does: 'an image "web:plugins" of the container of "web"' }],
  async run({ flags, operands: [service = '', reference], context }) {
    const engine = await context.engine();
    const container = await pickContainer(engine, { project: await projectName(context), service, index: flags.index });
    context.output.note(` Container ${container.name} Committing`);
    const image = await engine.commitContainer(
      container.id,
      {
        changes: flags.change,
        pause: flags.pause,
        ...(reference === undefined ? {} : { reference }),
        ...(flags.author === undefined ? {} : { author: flags.author }),
        ...(flags.message === undefined ? {} : { message: flags.message }),
      },
      context.interrupts.signal,
    );
    context.output.note(` Container ${container.name} Committed as ${image.id}`);
    return 0;
  },
});
