import type { LogFacts } from './log-facts.ts';
import type { LogOptions } from './log-options.ts';

/** The option `tag`, by default the short id: Docker's templates, the fields only. */
export function logTag(options: LogOptions, facts: LogFacts): string {
  const tag = expandTag(options.text('tag') ?? '{{.ID}}', facts);
  if (tag === undefined) options.refuse('tag', `only the fields ${Object.keys(tagFields).join(', ')} are known: {{.Name}}`);
  return tag ?? '';
}

/** Undefined when the template has more than we know. */
function expandTag(template: string, facts: LogFacts): string | undefined {
  const isKnown = [...template.matchAll(tagField)].every(([, field = '']) => Object.hasOwn(tagFields, field));
  if (!isKnown || /\{\{|\}\}/.test(template.replaceAll(tagField, ''))) return undefined;
  return template.replaceAll(tagField, (_text, field: string) => tagFields[field]?.(facts) ?? '');
}

const tagFields: Readonly<Record<string, (facts: LogFacts) => string>> = {
  ID: ({ id }) => id.slice(0, 12),
  FullID: ({ id }) => id,
  Name: ({ name }) => name,
  FullName: ({ name }) => `/${name}`,
  ImageID: ({ imageId }) => imageId.replace(/^sha256:/, '').slice(0, 12),
  ImageFullID: ({ imageId }) => imageId,
  ImageName: ({ imageName }) => imageName,
  Command: ({ argv }) => argv.join(' '),
  DaemonName: () => 'tscompose',
};

const tagField = /\{\{\s*\.(\w+)\s*\}\}/g;
