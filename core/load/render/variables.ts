import type { MapNode, Node } from '../../source/tree.ts';
import { compareBytes } from '../compare.ts';
import { templateVariables } from '../template.ts';
import { emitYaml } from './emit-yaml.ts';

/** A variable that the compose files refer to. */
export interface Variable {
  readonly name: string;
  readonly required: boolean;
  readonly defaultValue: string;
  readonly presenceValue: string;
}

/** `config --variables`: the variables of an uninterpolated tree by name, those inside defaults included. */
export function variablesOf(tree: MapNode): Variable[] {
  const found = new Map<string, Variable>();
  visit(tree);
  return [...found.values()].sort((a, b) => compareBytes(a.name, b.name));

  function visit(node: Node): void {
    if (node.kind === 'map') for (const entry of node.entries.values()) visit(entry.value);
    else if (node.kind === 'list') node.items.forEach(visit);
    else if (typeof node.value === 'string' && node.value.includes('$')) collect(node.value);
  }

  function collect(text: string): void {
    for (const { name, operator, word } of templateVariables(text)) {
      const before = found.get(name);
      found.set(name, {
        name,
        required: before?.required === true || operator.endsWith('?'),
        defaultValue: before?.defaultValue || (operator.endsWith('-') ? word : ''),
        presenceValue: before?.presenceValue || (operator.endsWith('+') ? word : ''),
      });
    }
  }
}

/** The table that `--variables` prints. */
export function renderVariableTable(variables: readonly Variable[]): string {
  const header = ['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'];
  const rows = variables.map((one) => [one.name, String(one.required), one.defaultValue, one.presenceValue]);
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(20, ...all.map((row) => [...(row[column] ?? '')].length + 3)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 3 ? cell : cell.padEnd(widths[column] ?? 0))).join('');
  return `${all.map(line).join('\n')}\n`;
}

/** `--variables --format json`. */
export function renderVariableJson(variables: readonly Variable[]): string {
  const entries = variables.map((one) => {
    const value = { Name: one.name, DefaultValue: one.defaultValue, PresenceValue: one.presenceValue, Required: one.required };
    return [one.name, value] as const;
  });
  return `${JSON.stringify(Object.fromEntries(entries), null, 4)}\n`;
}

/** `--variables --format yaml`. */
export function renderVariableYaml(variables: readonly Variable[]): string {
  const entries = variables.map((one) => {
    const members = { name: one.name, defaultvalue: one.defaultValue, presencevalue: one.presenceValue, required: one.required };
    return [one.name, new Map(Object.entries(members))] as const;
  });
  return emitYaml(new Map(entries), 4);
}
