import { Ajv2020 } from 'ajv/dist/2020.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { protocolSchema } from '#tools/generate-protocol-schema.ts';
import { schemaOfTypes } from '#tools/schema/schema-of-types.ts';

const text = `
/** A reply. */
export type Reply =
  /** It went well. */
  | { readonly ok: true; readonly pid?: number }
  | { readonly ok: false; readonly reason: 'busy' | 'system'; readonly labels: Readonly<Record<string, string>> };
export interface Box { readonly replies: readonly (readonly Reply[])[]; readonly any: unknown }
`;

test('types become closed objects, enums, references and descriptions', () => {
  assert.equal(schemaOfTypes({ path: 'reply.ts', text }), {
    Reply: {
      description: 'A reply.',
      anyOf: [
        {
          description: 'It went well.',
          type: 'object',
          properties: { ok: { const: true }, pid: { type: 'integer' } },
          required: ['ok'],
          additionalProperties: false,
        },
        {
          type: 'object',
          properties: {
            ok: { const: false },
            reason: { enum: ['busy', 'system'] },
            labels: { type: 'object', additionalProperties: { type: 'string' } },
          },
          required: ['ok', 'reason', 'labels'],
          additionalProperties: false,
        },
      ],
    },
    Box: {
      type: 'object',
      properties: { replies: { type: 'array', items: { type: 'array', items: { $ref: '#/$defs/Reply' } } }, any: {} },
      required: ['replies', 'any'],
      additionalProperties: false,
    },
  });
});

test('what a wire format cannot hold is refused with its line', () => {
  assert.throws(() => schemaOfTypes({ path: 'a.ts', text: '\nexport type F = () => void;\n' }), /line 2: TSFunctionType/);
});

test('the schema of our protocol accepts a launch reply and refuses an unknown field', async () => {
  const schema = JSON.parse(await protocolSchema.generate(`${import.meta.dirname}/../../..`));
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(schema, 'protocol');
  const isReply = ajv.getSchema('protocol#/$defs/LaunchReply');
  assert.is(isReply?.({ id: 1, ok: true, pid: 12 }), true);
  assert.is(isReply?.({ id: 1, ok: true, pid: 12, colour: 'red' }), false);
  assert.is(isReply?.({ id: 1, ok: false, reason: 'tired', message: '' }), false);
});

test.run();
