import type { Finished } from './program.ts';

/** What checks look at of a container, from `ps -a --format json`. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly state: string;
  readonly health: string;
  readonly exitCode: number;
}

/** The containers of a `ps --format json`. */
export function listed(ps: Finished): readonly Container[] {
  if (ps.status !== 0) throw new Error(`ps failed:\n${ps.stderr}`);
  return ps.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .map((row) => ({
      id: String(row['ID']),
      name: String(row['Name']),
      service: String(row['Service']),
      state: String(row['State']),
      health: String(row['Health']),
      exitCode: Number(row['ExitCode']),
    }));
}
