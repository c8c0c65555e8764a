import type { MapNode } from '../../source/tree.ts';
import { plain } from '../bind.ts';
import { emitJson } from './emit-json.ts';
import { emitYaml } from './emit-yaml.ts';
import { type Form, sortedDeep } from './ordered.ts';

/** `config --no-interpolate`: the merged tree itself, all keys sorted, `$` as written. JSON has no final line break. */
export function renderRaw(tree: MapNode, form: Form): string {
  const data = sortedDeep(plain(tree), form);
  return form === 'json' ? emitJson(data, 2) : emitYaml(data);
}
