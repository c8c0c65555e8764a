import { command } from '../args/command.ts';
import { dotText } from '../views/viz/dot.ts';
import { svgText } from '../views/viz/svg.ts';
import { loadModel } from './flow/model.ts';

const flags = {
  image: { type: 'boolean', help: "Show the service's image in the graph" },
  'indentation-size': { type: 'number', default: 1, help: 'Tabs or spaces of one level of indentation' },
  networks: { type: 'boolean', help: 'Show the networks of a service in the graph' },
  ports: { type: 'boolean', help: 'Show the ports of a service in the graph' },
  spaces: { type: 'boolean', help: 'Indent with spaces, not with tabs' },
  format: { type: 'string', default: 'dot', choices: ['dot', 'svg'], help: 'Graphviz text, or a picture' },
} as const;

export const viz = command({
  name: 'viz',
  summary: 'Draw the services and what they depend on',
  flags,
  operands: [],
  examples: [
    { line: 'viz --format svg > stack.svg', does: 'a picture of the stack for a browser or a page' },
    { line: 'viz --ports | dot -Tpng > stack.png', does: 'the same through Graphviz' },
  ],
  async run({ flags, context }) {
    const project = await loadModel(context);
    if (flags.format === 'svg') {
      context.output.result(svgText(project));
      return 0;
    }
    const indent = (flags.spaces ? ' ' : '\t').repeat(Math.max(0, flags['indentation-size']));
    context.output.result(dotText(project, { image: flags.image, networks: flags.networks, ports: flags.ports, indent }));
    return 0;
  },
});

/** Docker Compose's name for it. */
export const alphaViz = { ...viz, name: 'alpha viz' };
