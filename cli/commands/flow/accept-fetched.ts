import { dirname } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { loadTree } from '#core/load/load-project.ts';
import { variablesOf } from '#core/load/render/variables.ts';
import type { Loaded, LoadRequest } from '#core/load/request.ts';
import { diagnose } from '../../args/catalogue.ts';
import type { CommandContext } from '../../context.ts';
import { tableText } from '../../views/table.ts';
import { confirm } from './confirm.ts';

/**
 * A stack whose main file was fetched: says where it is and, unless `yes`, which values its variables have, and asks. Nothing
 * for other stacks. Rejects with `cli.cancelled`.
 */
export async function acceptFetched(
  context: CommandContext,
  {
    project,
    fetched,
    request,
    yes,
  }: Pick<Loaded, 'project' | 'fetched'> & { readonly request: LoadRequest; readonly yes: boolean },
): Promise<void> {
  const [main = ''] = project.composeFiles;
  const reference = fetched.get(main);
  if (reference === undefined) return;
  const { output, settings } = context;
  if (!yes && fetched.size > 1) await acceptOthers(context, [...fetched.values()]);
  if (settings.progress !== 'quiet' && settings.progress !== 'json') {
    output.result(`Your compose stack "${reference}" is stored in "${dirname(main)}"\n`);
  }
  if (yes) return;
  const rows = await variableRows(request, fetched);
  if (rows.length === 0) return;
  const table = tableText([['VARIABLE', 'VALUE', 'SOURCE', 'REQUIRED', 'DEFAULT'], ...rows], { min: 0, gap: 3 });
  output.result(`\nFound the following variables in configuration:\n${table}\n`);
  if (!(await confirm(context, 'Do you want to proceed with these variables?', true))) throw cancelled();
}

async function acceptOthers(context: CommandContext, references: readonly string[]): Promise<void> {
  const list = references.map((one) => `  - ${one}\n`).join('');
  context.output.result(`\nWarning: This Compose project includes files from remote sources:\n${list}`);
  context.output.result('\nRemote includes could potentially be malicious. Make sure you trust the source.\n');
  if (!(await confirm(context, 'Do you want to continue?'))) throw cancelled();
}

/** Of what was fetched, not of what the references mean by now. */
async function variableRows(request: LoadRequest, fetched: Loaded['fetched']): Promise<readonly (readonly string[])[]> {
  const paths = new Map([...fetched].map(([path, reference]) => [reference, path]));
  // A reference with variables in it is not known by what it became.
  const fetchDefinition = async (reference: string): Promise<string> => paths.get(reference) ?? '/dev/null';
  const { tree, found } = await loadTree({ ...request, fetchDefinition, skipInterpolation: true, skipValidation: true });
  return variablesOf(tree).map(({ name, required, defaultValue }) => {
    const set = found.environment.get(name);
    const source = set === undefined ? (defaultValue === '' ? 'none' : 'compose file') : 'environment';
    return [name, set ?? (defaultValue || '<unset>'), source, required ? 'yes' : 'no', defaultValue];
  });
}

function cancelled(): TscomposeError {
  return new TscomposeError(diagnose('cli.cancelled', {}));
}
