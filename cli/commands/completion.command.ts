import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';

const scripts = {
  bash: (program: string) => `# source <(${program} completion bash)
_${id(program)}() {
  local IFS=$'\\n'
  COMPREPLY=($(${program} __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _${id(program)} ${program}
`,
  zsh: (program: string) => `#compdef ${program}
# source <(${program} completion zsh)
_${id(program)}() {
  local -a found
  found=("\${(@f)$(${program} __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n "\${found[1]}" ]] && compadd -a found || _files
}
compdef _${id(program)} ${program}
`,
  fish: (program: string) => `# ${program} completion fish | source
complete -c ${program} -a '(${program} __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
} as const;

export const completion = command({
  name: 'completion',
  summary: 'Print the completion script of a shell',
  flags: {},
  operands: [{ name: 'bash|zsh|fish' }],
  examples: [{ line: 'completion bash > /etc/bash_completion.d/tscompose', does: 'completion for all users of bash' }],
  async run({ operands: [shell = ''], context }) {
    if (!isShell(shell)) {
      throw new TscomposeError(
        diagnose('cli.bad-flag-value', { flag: 'the shell', value: shell, allowed: Object.keys(scripts).join(', ') }),
      );
    }
    context.output.result(scripts[shell](context.host.program));
    return 0;
  },
});

function isShell(text: string): text is keyof typeof scripts {
  return Object.hasOwn(scripts, text);
}

/** A name that shells allow for a function. */
function id(program: string): string {
  return program.replace(/[^A-Za-z0-9]/g, '_');
}
