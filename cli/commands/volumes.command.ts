import { command } from '../args/command.ts';
import { formatTemplate } from '../views/go-template.ts';
import { listStyle, tableText } from '../views/table.ts';
import { checkServices, optionalModel } from './flow/model.ts';

export const volumes = command({
  name: 'volumes',
  summary: 'List volumes of the project',
  flags: {
    format: { type: 'string', default: 'table', value: 'table|json|TEMPLATE', help: 'Form of the output' },
    quiet: { type: 'boolean', alias: 'q', help: 'Only names' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ flags, operands, context }) {
    const { name: project } = await optionalModel(context);
    const engine = await context.engine();
    const observed = await engine.observe({ project, images: [], networks: [], volumes: [], ports: [], files: [] });
    checkServices(
      operands,
      observed.containers.map((one) => one.service),
    );
    const users = new Set(
      observed.containers.filter((one) => operands.includes(one.service) && one.state === 'running').map((one) => one.id),
    );
    const rows = observed.volumes
      .filter((volume) => volume.project === project && (operands.length === 0 || volume.containers.some((id) => users.has(id))))
      .map((volume) => ({
        Driver: 'local',
        Labels: Object.entries(volume.labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(','),
        Mountpoint: '',
        Name: volume.name,
        Scope: 'local',
      }));
    if (flags.quiet) context.output.result(rows.map((row) => `${row.Name}\n`).join(''));
    else if (flags.format === 'json') context.output.result(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    else if (flags.format === 'table') {
      context.output.result(tableText([['DRIVER', 'VOLUME NAME'], ...rows.map((row) => [row.Driver, row.Name])], listStyle));
    } else context.output.result(formatTemplate(flags.format, rows, { ...listStyle, headers: { Name: 'VOLUME NAME' } }));
    return 0;
  },
});
