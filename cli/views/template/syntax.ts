/** A parsed Go template: text and actions in order. */
export type Block = readonly Item[];

export type Item =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'branch';
      readonly word: 'if' | 'with';
      readonly pipeline: Pipeline;
      readonly body: Block;
      readonly otherwise: Block;
    }
  | {
      readonly kind: 'range';
      readonly pipeline: Pipeline;
      /** `$index, $element`, or only the second. */
      readonly names: readonly string[];
      readonly body: Block;
      readonly otherwise: Block;
    };

export interface Pipeline {
  /** Variable that gets the value; such an action prints nothing. */
  readonly assigns?: string;
  /** The value of each command is the last argument of the next. */
  readonly commands: readonly Command[];
}

export type Command = readonly Term[];

export type Term =
  /** `.A.B`, `$x.A`, `(pipeline).A`; an empty root is the dot. */
  | { readonly kind: 'path'; readonly root: string | Pipeline; readonly fields: readonly string[] }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'function'; readonly name: string };

/** A template that this program cannot read; `part` is the action it stumbled over. */
export class TemplateFault extends Error {
  readonly part: string;

  constructor(part: string) {
    super(`unsupported template part ${part}`);
    this.part = part;
  }
}
