import type { Difference } from './compare-sequence.ts';

/** Why a step may differ. */
export interface KnownDifference {
  /** Matched against the arguments of the step. */
  readonly step: RegExp;
  /** Matched against what differs: `status`, `stdout`, or container and property. */
  readonly what: RegExp;
  /** Most of them: what versions after 1.29 do, by the reference. */
  readonly reason: string;
}

/** The first row that fits. */
export function reasonOf({ step, what }: Difference): string | undefined {
  return knownDifferences.find((known) => known.step.test(step) && known.what.test(what))?.reason;
}

const later = (text: string): string => `as version 2 and later: ${text}`;

export const knownDifferences: readonly KnownDifference[] = [
  { step: /^ps$/, what: /^stdout$/, reason: later('the columns of `ps` are those of `docker ps`') },
  { step: /^port/, what: /^status$/, reason: later('a port that is not published is an error') },
  {
    step: /^(logs|up .*--no-color|up --no-color)/,
    what: /^stdout$/,
    reason: later(
      'names in "Attaching to" and at an end are those of the log lines, `logs` has no first line, and the ends of containers that the abort stops are told',
    ),
  },
  { step: /^top/, what: /^stdout$/, reason: later('one table for all containers, with service and number') },
  {
    step: /^exec -T web no-such-program$/,
    what: /^(status|stdout)$/,
    reason: 'as Docker Engine 28: 127 for a program that is not there, and the message on stderr',
  },
  { step: /^rm -f$/, what: /^stdout$/, reason: later('"No stopped containers" is on stderr') },
  { step: /^rm -fsv$/, what: /^stdout$/, reason: later('the names are sorted') },
  { step: /--exit-code-from nobody/, what: /^status$/, reason: later('a service that is not there is status 1') },
  { step: /^run -d/, what: /^stdout$/, reason: later('`run -d` prints the id') },
  { step: /^run .*\/no\/such\/program/, what: /^status$/, reason: 'as `docker run`: 127 for a program that is not there' },
  { step: /config --services$/, what: /^stdout$/, reason: later('services of profiles that are not enabled are left out') },
  {
    step: /^-p Not:Valid/,
    what: /^status$/,
    reason: later('a project name must be a valid one, version 1 takes out what is not'),
  },
  { step: /^--project-directory \/tmp config/, what: /^status$/, reason: later('the search for the compose file begins there') },
  {
    step: /^--ansi never ps -q$/,
    what: /^stdout$/,
    reason: later('`ps` shows all containers of the project, those of other services too'),
  },
  { step: /^build/, what: /^stdout$/, reason: 'the steps are told on stderr, with all other progress' },
  {
    step: /^up --no-such-flag$|^exec$|^run$|^port base$/,
    what: /^status$/,
    reason: later('a wrong command line is status 1; version 1 prints its usage and says 0'),
  },
  { step: /^help/, what: /^stdout$/, reason: 'the help is our own' },
  { step: /version/, what: /^stdout$/, reason: 'the version is that whose command line this is' },
];
