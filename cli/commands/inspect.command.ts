import { TscomposeError } from '#core/diagnostics/error.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import type { CommandContext } from '../context.ts';
import { dockerInspect } from '../views/docker-inspect.ts';
import { formatDocument } from '../views/go-template.ts';
import { projectName } from './flow/model.ts';

export const inspect = command({
  name: 'inspect',
  summary: 'Show all that is known of containers, as JSON in the shape of "docker inspect"',
  flags: {
    format: { type: 'string', alias: 'f', value: 'json|TEMPLATE', help: 'Form of the output' },
  },
  operands: [{ name: 'CONTAINER|SERVICE', many: true }],
  examples: [
    { line: 'inspect web', does: 'the containers of the service web' },
    {
      line: "inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' app-web-1",
      does: 'the address of one container, of whatever project',
    },
  ],
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const all = await engine.listContainers();
    const found = await Promise.all(operands.map((name) => named(context, all, name)));
    const ids = [...new Set(found.flat())];
    const documents = (await Promise.all(ids.map((id) => engine.inspectContainer(id)))).map(dockerInspect);
    const { format } = flags;
    if (format === undefined) context.output.result(`${JSON.stringify(documents, null, 4)}\n`);
    else if (format === 'json') context.output.result(`${JSON.stringify(documents)}\n`);
    else for (const one of documents) context.output.result(`${formatDocument(format, one)}\n`);
    const missing = operands.filter((_name, index) => found[index]?.length === 0);
    if (missing.length > 0) throw new TscomposeError(missing.map((name) => diagnose('cli.no-such-container', { name })));
    return 0;
  },
});

/** Ids of the containers that a word means: a name, an id or the start of one, else a service of the project. */
async function named(context: CommandContext, all: readonly ObservedContainer[], name: string): Promise<readonly string[]> {
  const exact = all.find((one) => one.name === name.replace(/^\//, '') || one.id === name);
  if (exact !== undefined) return [exact.id];
  const byId = /^[0-9a-f]{4,}$/.test(name) ? all.filter((one) => one.id.startsWith(name)) : [];
  if (byId.length === 1) return byId.map((one) => one.id);
  if (all.length === 0) return [];
  const project = await projectName(context);
  return all
    .filter((one) => one.project === project && one.service === name)
    .sort((a, b) => a.number - b.number)
    .map((one) => one.id);
}
