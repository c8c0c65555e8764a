import { command } from '../args/command.ts';
import { composeVersion, version } from '../version.ts';

export const versionCommand = command({
  name: 'version',
  summary: 'Show the version',
  flags: {
    format: { type: 'string', alias: 'f', choices: ['pretty', 'json'], default: 'pretty', help: 'Form of the output' },
    short: { type: 'boolean', help: 'The number alone' },
  },
  operands: [],
  async run({ flags, context }) {
    // Scripts that call another program's name ask what that program can do: docs/adr/0014-version-for-scripts.md.
    const isStandIn = context.host.program !== 'tscompose';
    const told = isStandIn ? composeVersion : version;
    const text = flags.short
      ? told
      : flags.format === 'json'
        ? JSON.stringify({ version: `v${told}` })
        : isStandIn
          ? `Docker Compose version v${told} (tscompose ${version})`
          : `tscompose version v${version}`;
    context.output.result(`${text}\n`);
    return 0;
  },
});
