import type { Command } from './command.ts';
import type { Flags } from './flags.ts';
import { flagRows, usageLine } from './help.ts';

/** A manual page's file name and text (roff, man(7) macros). */
export interface ManPage {
  readonly file: string;
  readonly text: string;
}

/** The manual pages of section 1: one of the program and one of each command, from the declarations that the parser uses. */
export function manPages(request: {
  readonly program: string;
  readonly version: string;
  readonly globals: Flags;
  readonly commands: readonly Command[];
}): readonly ManPage[] {
  const { program, version, globals, commands } = request;
  const pageName = (command: Command): string => `${program}-${command.name.replaceAll(' ', '-')}`;
  const page = (name: string, sections: readonly string[]): ManPage => ({
    file: `${name}.1`,
    text: `.TH ${name.toUpperCase().replaceAll('-', '\\-')} 1 "" "${program} ${version}" "User Commands"\n${sections.join('')}`,
  });
  const overview = page(program, [
    section('NAME', `${program} \\- Docker Compose without Docker`),
    section('SYNOPSIS', `.B ${program}\n[OPTIONS] COMMAND`),
    section('DESCRIPTION', 'Runs compose files on an embedded container engine: no daemon, no Docker installed.'),
    section('OPTIONS', flagText(globals)),
    section(
      'COMMANDS',
      commands.map((one) => `.TP\n.BR ${escapeRoff(pageName(one))} (1)\n${escapeRoff(one.summary)}\n`).join(''),
    ),
    section(
      'EXIT STATUS',
      '0: done. 1: an error. 2: \\fBplan \\-\\-exit\\-code\\fR when something would change. 130: interrupted. Otherwise the status of the container\\(aqs program (\\fBrun\\fR, \\fBexec\\fR, \\fBwait\\fR).',
    ),
  ]);
  const pages = commands.map((one) =>
    page(pageName(one), [
      section('NAME', `${escapeRoff(pageName(one))} \\- ${escapeRoff(one.summary)}`),
      section('SYNOPSIS', escapeRoff(usageLine(program, one))),
      section('OPTIONS', flagText(one.flags)),
      ...(one.examples === undefined
        ? []
        : [
            section(
              'EXAMPLES',
              one.examples.map(({ line, does }) => `.TP\n.B ${escapeRoff(`${program} ${line}`)}\n${escapeRoff(does)}\n`).join(''),
            ),
          ]),
      section('SEE ALSO', `.BR ${program} (1)`),
    ]),
  );
  return [overview, ...pages];
}

function section(title: string, text: string): string {
  return text === '' ? '' : `.SH ${title}\n${text.trimEnd()}\n`;
}

/** The rows of `--help`, the flag in bold above its explanation. */
function flagText(flags: Flags): string {
  return flagRows(flags)
    .map((line) => /^\s*(.*?)\s{3,}(.*)$/.exec(line) ?? ['', line.trim(), ''])
    .map(([, left = '', help = '']) => `.TP\n.B ${escapeRoff(left)}\n${escapeRoff(help)}\n`)
    .join('');
}

/** Text that roff takes as it is: no escapes, real hyphens, no line that begins as a request. */
function escapeRoff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq');
  return escaped.replace(/^\./, '\\&.');
}
