import { constants } from 'node:os';

/** Number of a signal name (`SIGTERM`, `TERM`, `term`, `15`, `RTMIN+3`); undefined when there is none. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) > 0 && Number(text) < 65 ? Number(text) : undefined;
  const name = text.toUpperCase().replace(/^SIG/, '');
  const real = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (real !== null) {
    const offset = Number(real[3] ?? 0) * (real[2] === '-' ? -1 : 1);
    return (real[1] === 'MIN' ? 34 : 64) + offset;
  }
  return Object.entries(constants.signals).find(([key]) => key === `SIG${name}`)?.[1];
}
