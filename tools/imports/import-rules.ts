/** The import rule as data: which folder may use which. Types count as imports except where `types` says otherwise. */
export interface Use {
  /** Repository-relative path of the importing file. */
  readonly from: string;
  /** Repository-relative path of the imported file. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

/** Left may use right. */
const tops: readonly string[] = ['cli', 'runtime-native', 'core', 'schemas'];

/** Nothing of the product imports these; they may import everything. */
const outside: readonly string[] = ['tools', 'bench', 'samples'];

/**
 * Phases of `core` in the order of work. `model` is what `load` produces, so it stands before it here: a phase may use
 * earlier ones only.
 */
const phases: readonly string[] = ['source', 'model', 'load', 'observe', 'plan', 'execute', 'watch'];
const shared: readonly string[] = ['builder', 'diagnostics', 'events', 'engine', 'graph'];

/** Exceptions between folders of `core`, as `from → to`. */
const refused: Readonly<Record<string, 'always' | 'values'>> = {
  // The plan is made of data: it may name the engine's types but call nothing.
  'plan → engine': 'values',
  // What is executed is the plan and the project, never the file.
  'execute → load': 'always',
  // The interface and the events speak of later phases' data; their code must not depend on those phases.
  'engine → observe': 'values',
  'engine → plan': 'values',
  'engine → load': 'always',
  'engine → execute': 'always',
  'events → observe': 'values',
  'events → plan': 'values',
  'events → load': 'always',
  'events → execute': 'always',
  'builder → load': 'always',
  'builder → observe': 'always',
  'builder → plan': 'always',
  'builder → execute': 'always',
  'graph → load': 'always',
  'graph → observe': 'always',
  'graph → plan': 'always',
  'graph → execute': 'always',
  'diagnostics → model': 'always',
  'diagnostics → load': 'always',
  'diagnostics → observe': 'always',
  'diagnostics → plan': 'always',
  'diagnostics → execute': 'always',
};

/** Modules that would tie `core` to an operating system. */
const foreignToCore: ReadonlySet<string> = new Set([
  'child_process',
  'cluster',
  'dgram',
  'http',
  'http2',
  'https',
  'net',
  'sqlite',
  'tls',
  'worker_threads',
]);

/** Why one file may not import another, or undefined when it may. */
export function refusedUse(use: Use): string | undefined {
  const [fromTop = '', fromFolder = ''] = use.from.split('/');
  const [toTop = '', toFolder = ''] = use.to.split('/');
  const isTest = isTestFile(use.from);
  // Version and name of the program.
  if (use.to === 'package.json') return undefined;
  if (outside.includes(fromTop)) return undefined;
  if (outside.includes(toTop)) return isTest ? undefined : `only tests may import ${toTop}`;
  const left = tops.indexOf(fromTop);
  const right = tops.indexOf(toTop);
  if (left === -1 || right === -1) return `${left === -1 ? fromTop : toTop} is not a folder of the product (${tops.join(', ')})`;
  if (right < left) return `${fromTop} may not import ${toTop}: imports go ${tops.join(' → ')}`;
  if (isTestFile(use.to) && !isTest) return 'the product may not import tests';
  if (fromTop !== 'core' || toTop !== 'core' || isTest) return undefined;
  return refusedInCore({ from: fromFolder, to: toFolder, isTypeOnly: use.isTypeOnly });
}

/** Pure functions that live in a module with sockets. */
const pureNames: ReadonlySet<string> = new Set(['isIP', 'isIPv4', 'isIPv6', 'BlockList']);

/** Why a file may not import these names of a module of Node, or undefined when it may. */
export function refusedModule(use: {
  readonly from: string;
  readonly module: string;
  readonly names: readonly string[];
}): string | undefined {
  if (!use.from.startsWith('core/') || isTestFile(use.from)) return undefined;
  if (use.names.length > 0 && use.names.every((one) => pureNames.has(one))) return undefined;
  const name = use.module.replace(/^node:/, '').split('/')[0] ?? '';
  return foreignToCore.has(name) ? `core may not import ${use.module}: it knows no process and no socket` : undefined;
}

function refusedInCore(use: Use): string | undefined {
  if (use.from === use.to || use.to.endsWith('.ts') || use.from.endsWith('.ts')) return undefined;
  const rule = refused[`${use.from} → ${use.to}`];
  if (rule === 'always' || (rule === 'values' && !use.isTypeOnly)) {
    return `core/${use.from} may ${rule === 'values' ? 'only use types of' : 'not import'} core/${use.to}`;
  }
  for (const folder of [use.from, use.to]) {
    if (!phases.includes(folder) && !shared.includes(folder)) return undefined;
  }
  const isLater = phases.includes(use.from) && phases.indexOf(use.to) > phases.indexOf(use.from);
  return isLater
    ? `core/${use.from} may not import core/${use.to}: a phase uses earlier ones only (${phases.join(', ')})`
    : undefined;
}

/** Tests, what they share, and the engines' conformance suite. */
export function isTestFile(path: string): boolean {
  return path.includes('/test/') || path.endsWith('.test.ts') || /^core\/engine\/conformance[\w-]*\.ts$/.test(path);
}
