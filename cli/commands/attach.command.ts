import { command } from '../args/command.ts';
import { defaultDetachKeys, detachKeys } from '../args/detach-keys.ts';
import { join } from './flow/joined.ts';
import { projectName } from './flow/model.ts';
import { pickContainer } from './flow/pick.ts';

export const attach = command({
  name: 'attach',
  summary: 'Connect to the first process of a running container',
  flags: {
    'detach-keys': { type: 'string', value: 'keys', help: `Key sequence that leaves it running (default ${defaultDetachKeys})` },
    index: { type: 'number', default: 0, min: 0, help: 'Number of the replica' },
    'no-stdin': { type: 'boolean', help: 'Do not pass standard input on' },
    'sig-proxy': { type: 'boolean', default: true, help: 'Pass signals on to the process' },
  },
  operands: [{ name: 'SERVICE' }],
  examples: [{ line: 'attach --no-stdin web', does: 'the output of web from now on; Ctrl-C interrupts its process' }],
  async run({ flags, operands, context }) {
    const keys = detachKeys(flags['detach-keys'] || defaultDetachKeys);
    const [service = ''] = operands;
    const engine = await context.engine();
    const container = await pickContainer(engine, { project: await projectName(context), service, index: flags.index });
    const { spec } = await engine.inspectContainer(container.id);
    const interactive = !flags['no-stdin'] && spec.service.stdin_open === true;
    // Keys are only keys where there is a terminal on both sides.
    const tty = spec.service.tty === true && context.host.stdin.isTTY === true && interactive;
    using joined = await join(context, {
      engine,
      id: container.id,
      start: false,
      tty: spec.service.tty === true && context.host.stdout.isTTY === true,
      interactive,
      passSignals: flags['sig-proxy'],
      detachKeys: tty ? keys : undefined,
    });
    return await joined.ended;
  },
});
