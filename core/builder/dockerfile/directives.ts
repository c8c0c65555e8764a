import { TscomposeError } from '../../diagnostics/error.ts';
import type { SourceFile } from '../../source/span.ts';
import { diagnose } from '../catalogue.ts';
import type { Dockerfile, Escape } from './instruction.ts';
import type { Line } from './lines.ts';

type Directives = Pick<Dockerfile, 'escapeMark' | 'syntax' | 'check'>;

/** Parser directives: comments `# name=value` before anything else. Throws when one is there twice or has a bad value. */
export function readDirectives(file: SourceFile, lines: readonly Line[]): Directives {
  const found = new Map<string, string>();
  let escapeMark: Escape = '\\';
  for (const [index, line] of lines.entries()) {
    // A script's first line may name its interpreter.
    if (index === 0 && line.text.startsWith('#!')) continue;
    const [, name = '', value = ''] = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/.exec(line.text) ?? [];
    const key = name.toLowerCase();
    if (key !== 'syntax' && key !== 'escape' && key !== 'check') break;
    const at = { file, start: line.offset, end: line.offset + line.text.length };
    if (found.has(key))
      throw new TscomposeError(diagnose('build.dockerfile-invalid', { reason: `the directive "${key}" is there twice` }, at));
    found.set(key, value);
    if (key !== 'escape') continue;
    if (value !== '\\' && value !== '`')
      throw new TscomposeError(diagnose('build.dockerfile-invalid', { reason: 'the escape character is \\ or `' }, at));
    escapeMark = value;
  }
  const syntax = found.get('syntax');
  return { escapeMark, ...(syntax === undefined ? {} : { syntax }), check: checkOptions(found.get('check') ?? '') };
}

/** `skip=A,B;error=true;experimental=C` */
function checkOptions(text: string): Dockerfile['check'] {
  const options = new Map(text.split(';').map((part) => part.split('=', 2).map((one) => one.trim()) as [string, string]));
  const list = (name: string): readonly string[] =>
    (options.get(name) ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
  return { skip: list('skip'), experimental: list('experimental'), error: options.get('error')?.toLowerCase() === 'true' };
}
