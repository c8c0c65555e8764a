import type { Collector } from '../diagnostics/collector.ts';
import { member, type Node, textOf } from '../source/tree.ts';
import { diagnose } from './catalogue.ts';
import type { Environment } from './context.ts';
import { directoryNames } from './find-files.ts';
import { expandTemplate } from './template.ts';

export interface NameRequest {
  readonly given: string | undefined;
  readonly environment: Environment;
  /** All documents of all files, in order. */
  readonly documents: readonly Node[];
  readonly projectDir: string;
  readonly interpolates: boolean;
  readonly collector: Collector;
}

/** The project's name: `-p`, COMPOSE_PROJECT_NAME, the last `name:` of the files, the directory's name (compose-model 2.5). */
export function projectName(request: NameRequest): string {
  const { given, environment, collector, projectDir } = request;
  const imposed = given ?? environment.get('COMPOSE_PROJECT_NAME') ?? '';
  if (imposed !== '') {
    if (normaliseName(imposed) !== imposed) collector.report(diagnose('load.project-name', { name: imposed }));
    return imposed;
  }
  const written = nameInFiles(request);
  // A name that comes to nothing is a mistake to report, not a reason to take the directory's.
  if (written !== undefined) return normaliseName(written);
  const { used, target } = directoryNames(projectDir);
  const name = normaliseName(used);
  if (target !== used) collector.report(diagnose('load.symlinked-directory', { used: name, target }));
  return name;
}

/** Lower case, only letters, digits, `_` and `-`, starting with a letter or digit; may become empty. */
export function normaliseName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

function nameInFiles({ documents, environment, interpolates }: NameRequest): string | undefined {
  let name: string | undefined;
  for (const document of documents) name = textOf(member(document, 'name')) || name;
  if (!interpolates || name === undefined) return name;
  // What is wrong with the text is reported when the file itself is interpolated.
  const expanded = expandTemplate(name, { lookup: (variable) => environment.get(variable) });
  return typeof expanded === 'string' ? expanded : undefined;
}
