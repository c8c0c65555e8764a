import { command } from '../args/command.ts';

export const imageTag = command({
  name: 'image tag',
  summary: 'Give an image another name',
  changesAtOnce: true,
  flags: {},
  operands: [{ name: 'IMAGE' }, { name: 'NAME' }],
  async run({ operands: [reference = '', target = ''], context }) {
    const engine = await context.engine();
    await engine.tagImage(reference, target);
    return 0;
  },
});
