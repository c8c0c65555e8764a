import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GeneratedFile, writeGenerated } from './checks/check-generated.ts';
import { schemaOfTypes } from './schema/schema-of-types.ts';

const source = 'schemas/supervisor-protocol.ts';

/** JSON Schema of the supervisor protocol, from its TypeScript declaration (docs/adr/0002). */
export const protocolSchema: GeneratedFile = {
  path: 'schemas/supervisor-protocol.json',
  command: 'bin/node tools/generate-protocol-schema.ts',
  async generate(root) {
    const definitions = schemaOfTypes({ path: source, text: readFileSync(join(root, source), 'utf8') });
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $comment: `Generated from ${source}; do not edit.`,
      title: 'tscompose supervisor protocol',
      $defs: definitions,
    };
    return `${JSON.stringify(schema, undefined, 2)}\n`;
  },
};

if (import.meta.main) await writeGenerated(join(import.meta.dirname, '..'), protocolSchema);
