import { stripVTControlCharacters } from 'node:util';

/** Output without what differs from run to run: ids, directories, chosen ports, times, the order of lines of several containers, widths. */
export function normalised(text: string, directory: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(directory, '<directory>')
    .replace(/\b(sha256:)?[0-9a-f]{64}\b/g, '<id>')
    .replace(/\b[0-9a-f]{12}\b/g, '<short id>')
    .replace(/(?<=0\.0\.0\.0:)\d{5}\b/g, '<port>')
    .split('\n')
    .map((line) => line.replace(/\r/g, '').trimEnd())
    .filter((line) => line !== '')
    .sort()
    .join('\n');
}
