/** Why a flag is not as Docker Compose declares it, by `command --flag`. The page shows the reason; a test refuses others. */
export const knownDifferences: Readonly<Record<string, string>> = {
  'create --pull': 'without the flag the pull_policy of each service counts, which is what "policy" says',
  'run --pull': 'without the flag the pull_policy of each service counts, which is what "policy" says',
  'up --pull': 'without the flag the pull_policy of each service counts, which is what "policy" says',
  'exec --no-tty': 'the default is whether standard output is a terminal, as it is there',
  'run --no-tty': 'the default is whether standard output is a terminal, as it is there',
  'pull --no-parallel': 'hidden and without effect there',
  'pull --parallel': 'hidden and without effect there',
  'version --format': 'without the flag the form is the same, "pretty"',
};
