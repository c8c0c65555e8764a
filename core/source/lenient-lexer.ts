import { Lexer } from 'yaml';

/** The parts of the package's lexer that are relied on; `lenient-lexer.test.ts` notices when a new version changes them. */
interface LexerParts {
  /** Lines indented less than this end the current collection. */
  indentNext: number;
  lex(source: string): Generator<string>;
  parseFlowCollection(): Generator<string, unknown>;
  parseQuotedScalar(): Generator<string, unknown>;
}

/**
 * A lexer that, like the reference, lets the lines of a flow collection and of a quoted text stand at any indentation:
 *
 *     command: [
 *       "serve",
 *     ]
 */
// The package declares these methods private; overriding them is the only way to relax the rule.
export class LenientLexer extends (Lexer as unknown as new () => LexerParts) {
  override *parseFlowCollection(): Generator<string, unknown> {
    const { indentNext } = this;
    this.indentNext = 0;
    const next = yield* super.parseFlowCollection();
    this.indentNext = indentNext;
    return next;
  }

  override *parseQuotedScalar(): Generator<string, unknown> {
    const { indentNext } = this;
    this.indentNext = 0;
    const next = yield* super.parseQuotedScalar();
    this.indentNext = indentNext;
    return next;
  }
}
