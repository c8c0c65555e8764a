import type { Collector } from '../diagnostics/collector.ts';
import type { Project } from '../model/project.ts';
import { locate, type MapNode } from '../source/tree.ts';
import { diagnose } from './catalogue.ts';

/** Reports a cycle among the dependencies of enabled services, the first in the order of names. */
export function checkCycles(project: Project, facts: { readonly tree: MapNode; readonly collector: Collector }): void {
  const state = new Map<string, 'open' | 'done'>();
  for (const start of Object.keys(project.services)) {
    const chain = findCycle(start, project, state);
    if (chain === undefined) continue;
    const [first = '', second = ''] = chain;
    const { span } = locate(facts.tree, ['services', first, 'depends_on', second]).node;
    facts.collector.report(diagnose('model.cycle', { chain }, span));
    return;
  }
}

/** Depth-first search with a stack of its own, so that a long chain cannot exhaust the engine's. */
function findCycle(start: string, project: Project, state: Map<string, 'open' | 'done'>): readonly string[] | undefined {
  if (state.has(start)) return undefined;
  const dependencies = (name: string) => Object.keys(project.services[name]?.depends_on ?? {});
  const stack = [{ name: start, rest: dependencies(start) }];
  state.set(start, 'open');
  for (;;) {
    const top = stack.at(-1);
    if (top === undefined) return undefined;
    const next = top.rest.shift();
    if (next === undefined) {
      state.set(top.name, 'done');
      stack.pop();
    } else if (state.get(next) === 'open') {
      const names = stack.map((frame) => frame.name);
      return [...names.slice(names.indexOf(next)), next];
    } else if (!state.has(next) && project.services[next] !== undefined) {
      state.set(next, 'open');
      stack.push({ name: next, rest: dependencies(next) });
    }
  }
}
