import { command } from '../args/command.ts';
import { version } from '../version.ts';

export const versionCommand = command({
  name: 'version',
  summary: 'Show the version',
  flags: {
    format: { type: 'string', alias: 'f', choices: ['pretty', 'json'], default: 'pretty', help: 'Form of the output' },
    short: { type: 'boolean', help: 'The number alone' },
  },
  operands: [],
  async run({ flags, context }) {
    const text = flags.short
      ? version
      : flags.format === 'json'
        ? JSON.stringify({ version: `v${version}` })
        : `tscompose version v${version}`;
    context.output.result(`${text}\n`);
    return 0;
  },
});
