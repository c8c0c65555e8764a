import { type MapNode, mapItems, mapMembers, type Node, type ScalarNode, type ScalarValue } from '../source/tree.ts';
import { diagnose } from './catalogue.ts';
import type { DocumentContext } from './context.ts';
import { below, belowItem, here, type PathTable, type Place, pathText, ruleAt } from './path-table.ts';
import { readBoolean, readFloat, readInteger } from './read-text.ts';
import { expandTemplate, type TemplateProblem } from './template.ts';

type Cast = 'integer' | 'number' | 'boolean';

const rollout = { parallelism: 'integer', max_failure_ratio: 'number' } as const;
const external = { '*': { external: 'boolean' } } as const;

/** Places whose text becomes a number or a boolean after interpolation. */
export const casts: PathTable<Cast> = {
  services: {
    '*': {
      cpu_count: 'integer',
      cpu_percent: 'number',
      cpu_period: 'integer',
      cpu_quota: 'integer',
      cpu_rt_period: 'integer',
      cpu_rt_runtime: 'integer',
      cpu_shares: 'integer',
      cpus: 'number',
      init: 'boolean',
      depends_on: { '*': { required: 'boolean', restart: 'boolean' } },
      deploy: {
        replicas: 'integer',
        update_config: rollout,
        rollback_config: rollout,
        restart_policy: { max_attempts: 'integer' },
        placement: { max_replicas_per_node: 'integer' },
      },
      healthcheck: { retries: 'integer', disable: 'boolean' },
      oom_kill_disable: 'boolean',
      oom_score_adj: 'integer',
      pids_limit: 'integer',
      ports: { '[]': { target: 'integer' } },
      privileged: 'boolean',
      read_only: 'boolean',
      scale: 'integer',
      stdin_open: 'boolean',
      tty: 'boolean',
      ulimits: { '*': { [here]: 'integer', soft: 'integer', hard: 'integer' } },
      volumes: { '[]': { read_only: 'boolean', volume: { nocopy: 'boolean' } } },
    },
  },
  networks: {
    '*': {
      external: 'boolean',
      internal: 'boolean',
      attachable: 'boolean',
      enable_ipv4: 'boolean',
      enable_ipv6: 'boolean',
    },
  },
  volumes: external,
  secrets: external,
  configs: external,
};

/** Expands variables in every text value, then reads numbers and booleans where the model wants them. */
export function interpolate(tree: MapNode, context: DocumentContext): MapNode {
  if (!context.interpolates) return tree;
  const path: (string | number)[] = [];
  /** What is being expanded. */
  let current: Node = tree;
  const expansion = {
    lookup: (name: string) => context.environment.get(name),
    // The first place: a variable is told once.
    onUnset: (name: string) => context.collector.report(diagnose('interpolate.unset', { name }, current.span)),
  };
  return visit(tree, casts) as MapNode;

  function visit(node: Node, place: Place<Cast>): Node {
    if (node.kind === 'map') {
      return mapMembers(node, (value, name) => {
        path.push(name);
        const result = visit(value, below(place, name));
        path.pop();
        return result;
      });
    }
    if (node.kind === 'list') {
      return mapItems(node, (value, index) => {
        path.push(index);
        const result = visit(value, belowItem(place));
        path.pop();
        return result;
      });
    }
    return typeof node.value === 'string' ? text(node, node.value, ruleAt(place)) : node;
  }

  function text(node: ScalarNode, source: string, cast: Cast | undefined): Node {
    current = node;
    const expanded = source.includes('$') ? expandTemplate(source, expansion) : source;
    if (typeof expanded !== 'string') {
      context.collector.report(templateDiagnostic(expanded, node));
      return node;
    }
    const value = cast === undefined ? expanded : castText(expanded, cast, node);
    return value === source ? node : { ...node, value };
  }

  function templateDiagnostic(problem: TemplateProblem, node: Node) {
    const at = node.span;
    if (problem.kind === 'too-long') return diagnose('interpolate.too-long', { path: pathText(path), limit: problem.limit }, at);
    if (problem.kind === 'invalid') return diagnose('interpolate.invalid', { path: pathText(path), text: problem.text }, at);
    return diagnose('interpolate.required', { path: pathText(path), variable: problem.variable, reason: problem.reason }, at);
  }

  function castText(source: string, cast: Cast, node: Node): ScalarValue {
    const value = readAs(source, cast);
    if (value === undefined) {
      const type = { integer: 'an integer', number: 'a number', boolean: 'true or false' }[cast];
      context.collector.report(diagnose('interpolate.cast', { path: pathText(path), text: source, type }, node.span));
      return source;
    }
    if (cast === 'boolean' && !/^(true|false)$/i.test(source)) {
      context.collector.report(diagnose('interpolate.yaml11-boolean', { path: pathText(path), text: source }, node.span));
    }
    return value;
  }
}

function readAs(text: string, cast: Cast): ScalarValue | undefined {
  switch (cast) {
    case 'integer':
      return readInteger(text);
    case 'number':
      return readFloat(text);
    case 'boolean':
      return readBoolean(text);
  }
}
