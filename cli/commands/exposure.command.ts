import type { Exposure } from '#core/engine/exposure.ts';
import { command } from '../args/command.ts';
import { listStyle, tableText } from '../views/table.ts';

export const exposure = command({
  name: 'exposure',
  summary: 'List every port through which containers of any project are reachable, and by whom',
  flags: {
    format: { type: 'string', choices: ['table', 'json'], default: 'table', help: 'Form of the output' },
  },
  operands: [{ name: 'PROJECT', optional: true, many: true }],
  examples: [{ line: 'exposure', does: 'what this machine offers, to itself, to a network, to all' }],
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const rows = (await engine.listExposure())
      .filter((one) => operands.length === 0 || operands.includes(one.project))
      .toSorted((a, b) => rank[a.reach] - rank[b.reach] || (a.port ?? 0) - (b.port ?? 0) || (a.container < b.container ? -1 : 1));
    context.output.result(flags.format === 'json' ? `${JSON.stringify(rows)}\n` : table(rows));
    return 0;
  },
});

/** The widest first: it is what one wants to see. */
const rank = { any: 0, address: 1, loopback: 2 } as const satisfies Record<Exposure['reach'], number>;

const reachText = {
  any: 'everyone',
  address: 'that network',
  loopback: 'this machine',
} as const satisfies Record<Exposure['reach'], string>;

const throughText = {
  'address-translation': 'nftables',
  'loopback-proxy': 'proxy',
  'host-network': 'network_mode: host',
  macvlan: 'macvlan',
} as const satisfies Record<Exposure['through'], string>;

function table(rows: readonly Exposure[]): string {
  const head = ['REACHED BY', 'ADDRESS', 'PORT', 'PROJECT', 'SERVICE', 'CONTAINER', 'TARGET', 'THROUGH'];
  return tableText(
    [
      head,
      ...rows.map((one) => [
        reachText[one.reach],
        one.address,
        one.port === undefined ? 'all' : `${one.port}/${one.protocol}`,
        one.project,
        one.service,
        one.container,
        one.containerPort === undefined ? '' : `${one.containerPort}`,
        throughText[one.through],
      ]),
    ],
    listStyle,
  );
}
