import { goText, isTrue, memberOf, templateFunctions } from './functions.ts';
import { type Block, type Command, type Item, type Pipeline, TemplateFault, type Term } from './syntax.ts';

export interface Evaluation {
  /** Gives the value of a field that the data does not have itself, such as `Label`; called with the other words of its command. */
  readonly method?: (name: string, args: readonly unknown[]) => { readonly value: unknown } | undefined;
  /** Whether an unknown field is a fault rather than `<no value>`. */
  readonly strict: boolean;
}

/** The text of a template for some data. Throws `TemplateFault`. */
export function evaluateTemplate(block: Block, data: unknown, evaluation: Evaluation): string {
  return blockText(block, { ...evaluation, dot: data, variables: new Map([['$', data]]) });
}

interface Scope extends Evaluation {
  readonly dot: unknown;
  readonly variables: Map<string, unknown>;
}

function blockText(block: Block, scope: Scope): string {
  return block.map((item) => itemText(item, scope)).join('');
}

function itemText(item: Item, scope: Scope): string {
  switch (item.kind) {
    case 'text':
      return item.text;
    case 'output': {
      const value = pipelineValue(item.pipeline, scope);
      return item.pipeline.assigns === undefined ? goText(value) : '';
    }
    case 'branch': {
      const value = pipelineValue(item.pipeline, scope);
      if (!isTrue(value)) return blockText(item.otherwise, scope);
      return blockText(item.body, item.word === 'with' ? { ...scope, dot: value } : scope);
    }
    case 'range': {
      const value = pipelineValue(item.pipeline, scope);
      const entries = entriesOf(value);
      if (entries.length === 0) return blockText(item.otherwise, scope);
      return entries.map(([key, one]) => blockText(item.body, inner(scope, { item, key, one }))).join('');
    }
  }
}

function inner(scope: Scope, { item, key, one }: { item: Extract<Item, { kind: 'range' }>; key: unknown; one: unknown }): Scope {
  const variables = new Map(scope.variables);
  const [first, second] = item.names;
  if (second !== undefined) variables.set(second, one);
  if (first !== undefined) variables.set(first, second === undefined ? one : key);
  return { ...scope, dot: one, variables };
}

/** In Go's order: lists as they are, maps by key. */
function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(value)) return value.map((one, index) => [index, one]);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function pipelineValue(pipeline: Pipeline, scope: Scope): unknown {
  let piped: readonly unknown[] = [];
  for (const command of pipeline.commands) piped = [commandValue(command, { scope, piped })];
  if (pipeline.assigns !== undefined) scope.variables.set(pipeline.assigns, piped[0]);
  return piped[0];
}

function commandValue(command: Command, { scope, piped }: { scope: Scope; piped: readonly unknown[] }): unknown {
  const [first, ...others] = command;
  if (first === undefined) return undefined;
  const args = () => [...others.map((term) => termValue(term, scope)), ...piped];
  if (first.kind === 'function') {
    const called = templateFunctions[first.name];
    if (called === undefined) throw new TemplateFault(`{{${first.name}}}`);
    return called(...args());
  }
  if (first.kind === 'path' && first.root === '' && first.fields.length === 1) {
    const method = scope.method?.(first.fields[0] ?? '', args());
    if (method !== undefined) return method.value;
  }
  if (others.length > 0) throw new TemplateFault(`{{${termText(first)} …}}`);
  return termValue(first, scope);
}

function termValue(term: Term, scope: Scope): unknown {
  if (term.kind === 'literal') return term.value;
  if (term.kind === 'function') return commandValue([term], { scope, piped: [] });
  let value = rootValue(term, scope);
  for (const field of term.fields) {
    const isKnown = typeof value === 'object' && value !== null && field in value;
    if (!isKnown && scope.strict) throw new TemplateFault(`{{${termText(term)}}}`);
    value = memberOf(value, field);
  }
  return value;
}

function rootValue(term: Extract<Term, { kind: 'path' }>, scope: Scope): unknown {
  if (typeof term.root !== 'string') return pipelineValue(term.root, scope);
  if (term.root === '') return scope.dot;
  if (!scope.variables.has(term.root)) throw new TemplateFault(`{{${term.root}}}`);
  return scope.variables.get(term.root);
}

function termText(term: Term): string {
  if (term.kind === 'literal') return JSON.stringify(term.value);
  if (term.kind === 'function') return term.name;
  return `${typeof term.root === 'string' ? term.root : '(…)'}.${term.fields.join('.')}`;
}
