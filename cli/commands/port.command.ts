import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { address, portsText } from '../views/ports-text.ts';
import { projectName } from './flow/model.ts';
import { pickContainer } from './flow/pick.ts';

export const port = command({
  name: 'port',
  summary: 'Show the host address of a published port',
  flags: {
    index: { type: 'number', default: 0, min: 0, help: 'Number of the replica' },
    protocol: { type: 'string', choices: ['tcp', 'udp', 'sctp'], default: 'tcp', help: 'Protocol of the port' },
  },
  operands: [{ name: 'SERVICE' }, { name: 'PRIVATE_PORT' }],
  async run({ flags, operands, context }) {
    const [service = '', wanted = ''] = operands;
    const number = /^\d+$/.test(wanted) ? Number(wanted) : Number.NaN;
    if (!(number > 0 && number < 65536)) {
      throw new TscomposeError(diagnose('cli.bad-flag-value', { flag: 'PRIVATE_PORT', value: wanted, allowed: '1 to 65535' }));
    }
    const engine = await context.engine();
    const container = await pickContainer(engine, { project: await projectName(context), service, index: flags.index });
    const found = container.ports.find(
      (one) => one.containerPort === number && one.protocol === flags.protocol && one.hostPort !== undefined,
    );
    if (found === undefined) {
      const published = portsText(container.ports.filter((one) => one.hostPort !== undefined));
      throw new TscomposeError(
        diagnose('cli.no-port', { port: `${number}/${flags.protocol}`, container: container.name, published }),
      );
    }
    context.output.result(`${address(found.hostIp)}:${found.hostPort}\n`);
    return 0;
  },
});
