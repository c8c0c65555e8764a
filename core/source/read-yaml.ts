import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  Parser,
  type Node as YamlNode,
} from 'yaml';
import { LenientLexer } from './lenient-lexer.ts';
import type { SourceFile, Span } from './span.ts';
import { type Entry, Float, listNode, mapNode, type Node, type ScalarValue, scalarNode, type Tag } from './tree.ts';
import { resolvePlain } from './yaml-scalar.ts';

/** What went wrong while reading; the caller turns it into diagnostics. */
export type YamlProblem =
  | { readonly kind: 'syntax'; readonly message: string; readonly code: string; readonly at: Span }
  | { readonly kind: 'duplicate-key'; readonly key: string; readonly at: Span; readonly first: Span }
  | { readonly kind: 'key-not-text'; readonly key: string; readonly at: Span }
  | { readonly kind: 'merge-value'; readonly at: Span }
  | { readonly kind: 'unknown-anchor'; readonly name: string; readonly at: Span }
  | { readonly kind: 'alias-cycle'; readonly name: string; readonly at: Span }
  | { readonly kind: 'too-large'; readonly what: string; readonly at: Span };

export interface YamlDocuments {
  readonly documents: readonly Node[];
  readonly problems: readonly YamlProblem[];
}

/** Bounds for hostile input; the node limit is the reference's own. */
const maxNodes = 100_000;
const maxDepth = 200;
const maxTokens = 1_500_000;
/** Values that aliases and merge keys may stand for together, unless the text itself is of that order. */
const maxExpanded = 400_000;
const maxProblems = 200;

/** Ends the reading of a document; never leaves this module. */
class TooLarge extends Error {}

/** Reads all documents of a YAML text. A text without any document gives none. Never throws for what the text says. */
export function readYaml(file: SourceFile): YamlDocuments {
  const problems: YamlProblem[] = [];
  const documents: Node[] = [];
  for (const document of compose(file, problems)) {
    for (const error of document.errors) {
      const at = { file, start: error.pos[0], end: error.pos[1] };
      problems.push({ kind: 'syntax', message: error.message, code: error.code, at });
    }
    if (problems.length === 0) documents.push(convert(document, file, problems));
  }
  return { documents, problems };
}

const options = {
  schema: 'failsafe',
  resolveKnownTags: false,
  uniqueKeys: false,
  strict: false,
  stringKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

function* compose(file: SourceFile, problems: YamlProblem[]): Generator<Document.Parsed> {
  const parser = new Parser();
  const composer = new Composer(options);
  const tooLarge = (what: string, offset: number) =>
    problems.push({ kind: 'too-large', what, at: { file, start: offset, end: offset } });
  const tokens: ReturnType<typeof parser.next> extends Generator<infer T> ? T[] : never = [];
  let lexemes = 0;
  for (const lexeme of new LenientLexer().lex(file.text)) {
    if (++lexemes > maxTokens) return tooLarge(`more than ${maxTokens} YAML tokens`, parser.offset);
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > maxDepth) return tooLarge(`nesting deeper than ${maxDepth} levels`, parser.offset);
  }
  tokens.push(...parser.end());
  for (const token of tokens) yield* composer.next(token) as Generator<Document.Parsed>;
  yield* composer.end() as Generator<Document.Parsed>;
}

interface Anchor {
  node: Node | undefined;
  size: number;
}

function convert(document: Document.Parsed, file: SourceFile, problems: YamlProblem[]): Node {
  const anchors = new Map<string, Anchor>();
  // Visited: what the text has. Expanded: what it means once every alias stands for its anchor.
  let visited = 0;
  let expanded = 0;
  const whole: Span = { file, start: document.range[0], end: document.range[1] };
  const spanOf = (node: YamlNode): Span => {
    const range = node.range;
    return range ? { file, start: range[0], end: range[1] } : whole;
  };
  try {
    return document.contents === null ? scalarNode(null, whole) : value(document.contents as YamlNode);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    problems.push({ kind: 'too-large', what: error.message, at: whole });
    return scalarNode(null, whole);
  }

  function report(problem: YamlProblem): void {
    if (problems.length < maxProblems) problems.push(problem);
  }

  function grow(size: number): void {
    expanded += size;
    if (expanded > maxExpanded && expanded > visited * 10) throw new TooLarge('excessive aliasing');
  }

  function value(node: YamlNode): Node {
    if (++visited > maxNodes) throw new TooLarge(`more than ${maxNodes} values`);
    if (isAlias(node)) return alias(node);
    const before = expanded;
    grow(1);
    const name = 'anchor' in node ? node.anchor : undefined;
    const anchor: Anchor = { node: undefined, size: 0 };
    if (name !== undefined) anchors.set(name, anchor);
    const converted = tagged(node, bare(node));
    anchor.node = converted;
    anchor.size = expanded - before;
    return converted;
  }

  function alias(node: Alias): Node {
    const anchor = anchors.get(node.source);
    const at = spanOf(node);
    if (anchor?.node !== undefined) {
      grow(anchor.size);
      return anchor.node;
    }
    report({ kind: anchor === undefined ? 'unknown-anchor' : 'alias-cycle', name: node.source, at });
    return scalarNode(null, at);
  }

  function bare(node: YamlNode): Node {
    if (isSeq(node)) return listNode((node.items as YamlNode[]).map(value), spanOf(node));
    if (isMap(node)) return mapping(node.items as Pair<YamlNode, YamlNode | null>[], spanOf(node));
    const read = scalarValue(node);
    if (read !== undefined) return scalarNode(read, spanOf(node));
    const text = isScalar(node) ? String(node.source ?? node.value) : '';
    const message = `cannot read "${text}" as !!${node.tag?.replace('tag:yaml.org,2002:', '')}`;
    report({ kind: 'syntax', message, code: 'TAG', at: spanOf(node) });
    return scalarNode(null, spanOf(node));
  }

  function mapping(pairs: readonly Pair<YamlNode, YamlNode | null>[], span: Span): Node {
    const entries = new Map<string, Entry>();
    let merge: { key: Span; value: Node } | undefined;
    for (const pair of pairs) {
      const key = spanOf(pair.key);
      const item = pair.value === null ? scalarNode(null, { file, start: key.end, end: key.end }) : value(pair.value);
      if (isMergeKey(pair.key)) {
        if (merge !== undefined) report({ kind: 'duplicate-key', key: '<<', at: key, first: merge.key });
        merge = { key, value: item };
        continue;
      }
      const name = keyText(pair.key);
      const first = entries.get(name);
      if (first !== undefined) report({ kind: 'duplicate-key', key: name, at: key, first: first.key });
      entries.set(name, { key, value: item });
    }
    if (merge !== undefined) mergeInto(entries, merge.value);
    return mapNode(entries, span);
  }

  function keyText(node: YamlNode): string {
    const resolved = isAlias(node) ? alias(node) : scalarNode(isScalar(node) ? (scalarValue(node) ?? null) : null, spanOf(node));
    if (resolved.kind === 'scalar' && typeof resolved.value === 'string') return resolved.value;
    const text = isScalar(node) ? String(node.source ?? node.value) : 'a mapping or list';
    report({ kind: 'key-not-text', key: text === '' ? 'null' : text, at: spanOf(node) });
    return text;
  }

  function mergeInto(entries: Map<string, Entry>, source: Node): void {
    const maps = source.kind === 'list' ? source.items : [source];
    for (const map of maps) {
      if (map.kind !== 'map') {
        report({ kind: 'merge-value', at: map.span });
        return;
      }
      grow(map.entries.size);
      for (const [name, entry] of map.entries) if (!entries.has(name)) entries.set(name, entry);
    }
  }
}

function isMergeKey(node: YamlNode): boolean {
  return isScalar(node) && node.type === 'PLAIN' && node.source === '<<';
}

const typeTags: Readonly<Record<string, (value: ScalarValue) => boolean>> = {
  'tag:yaml.org,2002:int': (value) => typeof value === 'number' || typeof value === 'bigint',
  'tag:yaml.org,2002:float': (value) => value instanceof Float,
  'tag:yaml.org,2002:bool': (value) => typeof value === 'boolean',
  'tag:yaml.org,2002:null': (value) => value === null,
};

function tagged(node: YamlNode, converted: Node): Node {
  const tags: Readonly<Record<string, Tag>> = { '!reset': 'reset', '!override': 'override' };
  const tag = node.tag === undefined ? undefined : tags[node.tag];
  return tag === undefined ? converted : { ...converted, tag };
}

/** The value of a scalar; `undefined` when it is not what its tag says. */
function scalarValue(node: YamlNode): ScalarValue | undefined {
  if (!isScalar(node)) return null;
  const text = String(node.value ?? '');
  const isTyped = typeTags[node.tag ?? ''];
  if (isTyped !== undefined) {
    const value = resolvePlain(text);
    if (node.tag === 'tag:yaml.org,2002:float' && typeof value === 'number') return new Float(value);
    return isTyped(value) ? value : undefined;
  }
  if (node.tag === 'tag:yaml.org,2002:binary') return Buffer.from(text, 'base64').toString();
  if (node.type !== 'PLAIN' || node.tag === 'tag:yaml.org,2002:str' || node.tag === '!') return text;
  return resolvePlain(text);
}
