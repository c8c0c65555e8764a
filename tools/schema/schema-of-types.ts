import { type ParsedSource, parseSource, type SyntaxNode } from '../source/parse-source.ts';

export type Schema = { readonly [key: string]: unknown };

/**
 * A JSON Schema (2020-12) definition for every exported interface and type of one file. Knows what a wire format is
 * made of: object types, arrays, unions, literals, references within the file, `Readonly<…>`, `Record<string, …>`,
 * `unknown`. Numbers are integers. Objects are closed. Anything else throws, with its line.
 */
export function schemaOfTypes(file: { readonly path: string; readonly text: string }): Readonly<Record<string, Schema>> {
  const source = parseSource(file);
  const definitions: Record<string, Schema> = {};
  for (const statement of source.body) {
    const declaration = statement['declaration'] as SyntaxNode | null | undefined;
    if (declaration?.type !== 'TSInterfaceDeclaration' && declaration?.type !== 'TSTypeAliasDeclaration') continue;
    const name = String((declaration['id'] as SyntaxNode)['name']);
    const type = (declaration['typeAnnotation'] ?? declaration['body']) as SyntaxNode;
    definitions[name] = described(source, statement, typeSchema(source, type));
  }
  return definitions;
}

function typeSchema(source: ParsedSource, node: SyntaxNode): Schema {
  switch (node.type) {
    case 'TSStringKeyword':
      return { type: 'string' };
    case 'TSNumberKeyword':
      return { type: 'integer' };
    case 'TSBooleanKeyword':
      return { type: 'boolean' };
    case 'TSUnknownKeyword':
      return {};
    case 'TSLiteralType':
      return { const: (node['literal'] as SyntaxNode)['value'] };
    case 'TSArrayType':
      return { type: 'array', items: typeSchema(source, node['elementType'] as SyntaxNode) };
    case 'TSTypeOperator': // `readonly` of an array.
    case 'TSParenthesizedType':
      return typeSchema(source, node['typeAnnotation'] as SyntaxNode);
    case 'TSUnionType':
      return unionSchema(source, node['types'] as readonly SyntaxNode[]);
    case 'TSTypeLiteral':
      return objectSchema(source, node['members'] as readonly SyntaxNode[]);
    case 'TSInterfaceBody':
      return objectSchema(source, node['body'] as readonly SyntaxNode[]);
    case 'TSTypeReference':
      return referenceSchema(source, node);
    default:
      throw new Error(`line ${source.lineOf(node.start)}: ${node.type} has no place in a wire format`);
  }
}

function unionSchema(source: ParsedSource, types: readonly SyntaxNode[]): Schema {
  const members = types.map((type) => described(source, type, typeSchema(source, type)));
  const literals = members.map((member) => member['const']);
  return literals.every((value) => value !== undefined) ? { enum: literals } : { anyOf: members };
}

function objectSchema(source: ParsedSource, members: readonly SyntaxNode[]): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const member of members) {
    if (member.type !== 'TSPropertySignature')
      throw new Error(`line ${source.lineOf(member.start)}: ${member.type} has no place in a wire format`);
    const key = member['key'] as SyntaxNode;
    const name = String(key['name'] ?? key['value']);
    const annotation = member['typeAnnotation'] as SyntaxNode;
    properties[name] = described(source, member, typeSchema(source, annotation['typeAnnotation'] as SyntaxNode));
    if (member['optional'] !== true) required.push(name);
  }
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}), additionalProperties: false };
}

function referenceSchema(source: ParsedSource, node: SyntaxNode): Schema {
  const name = String((node['typeName'] as SyntaxNode)['name']);
  const parameters = ((node['typeArguments'] as SyntaxNode | null)?.['params'] ?? []) as readonly SyntaxNode[];
  const last = parameters.at(-1);
  if (last === undefined) return { $ref: `#/$defs/${name}` };
  if (name === 'Readonly') return typeSchema(source, last);
  if (name === 'Record') return { type: 'object', additionalProperties: typeSchema(source, last) };
  throw new Error(`line ${source.lineOf(node.start)}: ${name}<…> has no place in a wire format`);
}

function described(source: ParsedSource, node: SyntaxNode, schema: Schema): Schema {
  const description = source.docBefore(node.start);
  return description === undefined ? schema : { description, ...schema };
}
