/**
 * Compiles `schemas/compose-spec.json` into `schemas/compose-spec.validate.js`, so that loading compiles no schema. Run after changing
 * the schema: `bin/node tools/compile-schemas.ts`; `--check` only says whether the file is up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

const schemaUrl = new URL('../schemas/compose-spec.json', import.meta.url);
const targetUrl = new URL('../schemas/compose-spec.validate.js', import.meta.url);

/** The module text: one ESM export, `validate`, and no imports. */
export async function compileSchema(schema: object): Promise<string> {
  const ajv = new Ajv({ allErrors: true, strict: false, inlineRefs: false, messages: false, code: { source: true, esm: true } });
  const validate = ajv.compile(schema);
  // The package's typings describe its CommonJS form, in which the function hides behind `default`.
  const generate = (standaloneCode as unknown as { default: (ajv: Ajv, validate: unknown) => string }).default ?? standaloneCode;
  const contents = generate(ajv, validate).replace(/export default \w+;/, '');
  const bundled = await build({
    stdin: { contents, resolveDir: new URL('..', import.meta.url).pathname },
    bundle: true,
    format: 'esm',
    minify: true,
    write: false,
  });
  const header = `// Generated from compose-spec.json by tools/compile-schemas.ts; do not edit.
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
`;
  return header + (bundled.outputFiles[0]?.text ?? '');
}

if (import.meta.main) {
  const text = await compileSchema(JSON.parse(readFileSync(schemaUrl, 'utf8')));
  if (!process.argv.includes('--check')) writeFileSync(targetUrl, text);
  else if (readFileSync(targetUrl, 'utf8') !== text) {
    console.error('schemas/compose-spec.validate.js is out of date; run bin/node tools/compile-schemas.ts');
    process.exitCode = 1;
  }
}
