import { readYaml, type YamlProblem } from '../source/read-yaml.ts';
import { positionOf, type SourceFile } from '../source/span.ts';
import { isNull, type MapNode, mapNode, type Node } from '../source/tree.ts';
import { takeTags } from './01-tags.pass.ts';
import type { ExtendedFile } from './04-extends.pass.ts';
import { diagnose } from './catalogue.ts';
import type { DocumentContext, DocumentPass, LoadContext } from './context.ts';
import { passes } from './index.ts';
import { explainYaml } from './yaml-fault.ts';

const order = passes({ model: loadModel, extended: loadExtended });

/** Loads and merges files into one tree: the document passes for each document, then the model passes. Throws at the end of a pass. */
export function loadModel(files: readonly (string | SourceFile)[], context: LoadContext): MapNode {
  let tree: MapNode | undefined;
  for (const source of files) {
    const file = typeof source === 'string' ? openFile(source, context) : source;
    if (file === undefined) continue;
    tree = applyFile(file, { ...context, passes: order.document, accumulated: tree }).tree;
  }
  let result = tree ?? mapNode(new Map(), { file: { name: '', path: undefined, text: '' }, start: 0, end: 0 });
  for (const pass of order.model) {
    result = pass(result, context);
    context.collector.throwIfErrors();
  }
  return result;
}

/** Loads a file whose services are to be extended. */
export function loadExtended(path: string, context: LoadContext): ExtendedFile | undefined {
  const file = openFile(path, context);
  return file === undefined ? undefined : applyFile(file, { ...context, passes: order.extended, accumulated: undefined });
}

function openFile(path: string, context: LoadContext): SourceFile | undefined {
  const file = context.sources.read(path);
  if (!('reason' in file)) return file;
  context.collector.report(diagnose('load.file-not-found', { path, reason: file.reason }));
  return undefined;
}

interface FileStep extends LoadContext {
  readonly passes: readonly DocumentPass[];
  readonly accumulated: MapNode | undefined;
}

function applyFile(file: SourceFile, step: FileStep): ExtendedFile {
  const whole = { file, start: 0, end: Math.min(file.text.length, 1) };
  let accumulated = step.accumulated ?? mapNode(new Map(), whole);
  let cleared: DocumentContext['cleared'] = [];
  for (const document of readDocuments(file, step)) {
    if (document.kind !== 'map') {
      step.collector.report(diagnose('load.not-a-mapping', {}, document.span));
      step.collector.throwIfErrors();
      continue;
    }
    const tags = takeTags(document);
    cleared = tags.cleared;
    const context: DocumentContext = { ...step, file, accumulated, cleared };
    let tree = tags.tree;
    for (const pass of step.passes) {
      tree = pass(tree, context);
      step.collector.throwIfErrors();
    }
    accumulated = tree;
  }
  return { tree: accumulated, cleared };
}

const parsed = new WeakMap<SourceFile, readonly Node[]>();

/** The documents of a file, read once; YAML faults are thrown together. An empty document of an otherwise empty file is none. */
export function readDocuments(file: SourceFile, context: Pick<LoadContext, 'collector' | 'sources'>): readonly Node[] {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  checkText(file, context);
  const { documents, problems } = readYaml(file);
  for (const problem of problems) context.collector.report(yamlDiagnostic(problem));
  context.collector.throwIfErrors();
  const [first, ...others] = documents;
  const isEmptyText = first !== undefined && others.length === 0 && isNull(first) && !/^(---|[^#\s])/m.test(file.text);
  const result = isEmptyText ? [] : documents;
  parsed.set(file, result);
  return result;
}

function checkText(file: SourceFile, { collector, sources }: Pick<LoadContext, 'collector' | 'sources'>): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are not allowed in YAML.
  const control = file.text.search(/[\0-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/);
  const damage = sources.isDamaged(file) ? file.text.indexOf('\ufffd') : -1;
  const at = control === -1 ? damage : control;
  if (at === -1) return;
  const reason = control === -1 ? 'it is not valid UTF-8' : 'control characters are not allowed';
  collector.report(diagnose('load.not-text', { reason }, { file, start: at, end: at + 1 }));
  collector.throwIfErrors();
}

function yamlDiagnostic(problem: YamlProblem) {
  const { at } = problem;
  switch (problem.kind) {
    case 'syntax': {
      const fault = explainYaml(problem);
      return diagnose('load.yaml-syntax', fault, fault.at);
    }
    case 'duplicate-key': {
      const { line } = positionOf(problem.first.file, problem.first.start);
      const row = diagnose('load.duplicate-key', { key: problem.key, line }, at);
      return { ...row, related: [{ at: problem.first, label: 'first defined here' }] };
    }
    case 'key-not-text':
      return diagnose('load.key-not-text', { key: problem.key }, at);
    case 'merge-value':
      return diagnose('load.merge-value', {}, at);
    case 'unknown-anchor':
      return diagnose('load.unknown-anchor', { name: problem.name }, at);
    case 'alias-cycle':
      return diagnose('load.alias-cycle', { name: problem.name }, at);
    case 'too-large':
      return diagnose('load.too-large', { what: problem.what }, at);
  }
}
