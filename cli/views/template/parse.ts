import { type Block, type Command, type Item, type Pipeline, TemplateFault, type Term } from './syntax.ts';

/** Reads a Go template (text/template): actions, pipelines, variables, if, else, with, range, trim markers, comments. */
export function parseTemplate(text: string): Block {
  const reader: Reader = { pieces: piecesOf(text), at: 0 };
  const block = readBlock(reader);
  const left = reader.pieces[reader.at];
  if (left !== undefined) throw new TemplateFault(partOf(left));
  return block;
}

/** Text, or the words of one action. */
type Piece = { readonly text: string } | { readonly action: string; readonly words: readonly string[] };

interface Reader {
  readonly pieces: readonly Piece[];
  at: number;
}

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let trimsNext = false;
  const addText = (raw: string, trimsEnd: boolean): void => {
    const start = trimsNext ? raw.trimStart() : raw;
    const trimmed = trimsEnd ? start.trimEnd() : start;
    if (trimmed !== '') pieces.push({ text: trimmed });
  };
  let at = 0;
  for (const match of text.matchAll(/\{\{(-\s)?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|(?!\}\}).)*?)(\s-)?\}\}/gs)) {
    addText(text.slice(at, match.index), match[1] !== undefined);
    const inside = (match[2] ?? '').trim();
    if (!/^\/\*.*\*\/$/s.test(inside)) pieces.push({ action: match[0], words: wordsOf(inside, match[0]) });
    trimsNext = match[3] !== undefined;
    at = match.index + match[0].length;
  }
  const rest = text.slice(at);
  if (rest.includes('{{')) throw new TemplateFault(rest.slice(rest.indexOf('{{')));
  addText(rest, false);
  return pieces;
}

const wordPattern = /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|:=|[(),|=]|(?:\$\w*|)(?:\.\w+)+|\$\w*|\.|-?\d+(?:\.\d+)?|\w+)/y;

function wordsOf(text: string, action: string): readonly string[] {
  const words: string[] = [];
  wordPattern.lastIndex = 0;
  while (wordPattern.lastIndex < text.length) {
    const start = wordPattern.lastIndex;
    const match = wordPattern.exec(text);
    if (match === null) {
      if (text.slice(start).trim() === '') break;
      throw new TemplateFault(action);
    }
    // A field right behind a parenthesis belongs to it.
    const isSuffix = match[0] === match[1] && words.at(-1) === ')' && match[1]?.startsWith('.');
    if (isSuffix) words[words.length - 1] = `)${match[1]}`;
    else words.push(match[1] ?? '');
  }
  return words;
}

function readBlock(reader: Reader): Block {
  const items: Item[] = [];
  for (let piece = reader.pieces[reader.at]; piece !== undefined; piece = reader.pieces[reader.at]) {
    if ('text' in piece) {
      items.push({ kind: 'text', text: piece.text });
      reader.at++;
      continue;
    }
    const [first] = piece.words;
    if (first === 'end' || first === 'else') return items;
    reader.at++;
    if (first === 'if' || first === 'with') items.push(readBranch(reader, { piece, word: first }));
    else if (first === 'range') items.push(readRange(reader, piece));
    else items.push({ kind: 'output', pipeline: pipelineOf(piece.words, piece.action) });
  }
  return items;
}

type Action = Extract<Piece, { action: string }>;

function readBranch(reader: Reader, { piece, word }: { piece: Action; word: 'if' | 'with' }): Item {
  const pipeline = pipelineOf(piece.words.slice(1), piece.action);
  const body = readBlock(reader);
  return { kind: 'branch', word, pipeline, body, otherwise: readElse(reader, piece) };
}

function readRange(reader: Reader, piece: Action): Item {
  const end = piece.words.indexOf(':=');
  const names = end === -1 ? [] : piece.words.slice(1, end).filter((one) => one !== ',');
  const pipeline = pipelineOf(piece.words.slice(end === -1 ? 1 : end + 1), piece.action);
  const body = readBlock(reader);
  return { kind: 'range', names, pipeline, body, otherwise: readElse(reader, piece) };
}

/** What stands behind `else`, up to the end; `else if` nests. */
function readElse(reader: Reader, opener: Action): Block {
  const piece = reader.pieces[reader.at++];
  if (piece === undefined || 'text' in piece) throw new TemplateFault(opener.action);
  const [word, next, ...rest] = piece.words;
  if (word === 'end') return [];
  if (next === 'if' || next === 'with') return [readBranch(reader, { piece: { ...piece, words: [next, ...rest] }, word: next })];
  const body = readBlock(reader);
  const end = reader.pieces[reader.at++];
  if (end === undefined || 'text' in end || end.words[0] !== 'end') throw new TemplateFault(opener.action);
  return body;
}

function pipelineOf(words: readonly string[], action: string): Pipeline {
  const isAssignment = words[0]?.startsWith('$') && (words[1] === ':=' || words[1] === '=');
  const rest = isAssignment ? words.slice(2) : words;
  const queue = [...rest];
  const pipeline = readPipeline(queue, action);
  if (queue.length > 0) throw new TemplateFault(action);
  return isAssignment ? { ...pipeline, assigns: words[0] ?? '' } : pipeline;
}

function readPipeline(queue: string[], action: string): Pipeline {
  const commands: Command[] = [];
  let terms: Term[] = [];
  for (let word = queue[0]; word !== undefined && !word.startsWith(')'); word = queue[0]) {
    queue.shift();
    if (word === '|') {
      commands.push(terms);
      terms = [];
    } else terms.push(word === '(' ? readGroup(queue, action) : termOf(word, action));
  }
  commands.push(terms);
  if (commands.some((one) => one.length === 0)) throw new TemplateFault(action);
  return { commands };
}

function readGroup(queue: string[], action: string): Term {
  const root = readPipeline(queue, action);
  const close = queue.shift();
  if (close === undefined) throw new TemplateFault(action);
  return { kind: 'path', root, fields: close.split('.').slice(1) };
}

function termOf(word: string, action: string): Term {
  if (word.startsWith('"')) {
    try {
      return { kind: 'literal', value: String(JSON.parse(word)) };
    } catch {
      throw new TemplateFault(action);
    }
  }
  if (word.startsWith('`')) return { kind: 'literal', value: word.slice(1, -1) };
  if (/^-?\d/.test(word)) return { kind: 'literal', value: Number(word) };
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
  if (word === 'nil') return { kind: 'literal', value: null };
  if (word.startsWith('.') || word.startsWith('$')) {
    const [root = '', ...fields] = word.split('.');
    return { kind: 'path', root, fields: fields.filter((one) => one !== '') };
  }
  if (/^\w+$/.test(word)) return { kind: 'function', name: word };
  throw new TemplateFault(action);
}

function partOf(piece: Piece): string {
  return 'text' in piece ? piece.text : piece.action;
}
