import type { LogConfig } from '#schemas/supervisor-protocol.ts';
import type { LogFacts } from './log-facts.ts';
import { cachedLogFile } from './log-file.ts';
import { labelOptions, logFields, logLabels } from './log-labels.ts';
import type { LogOptions } from './log-options.ts';
import { serverOptions } from './log-server.ts';
import { logTag } from './log-tag.ts';

/** Where systemd's journal takes entries. */
export const journalSocket = '/run/systemd/journal/socket';

/** Options of `journald`: what it does not take at once is lost, so that nothing waits. */
export const journaldOptions: readonly string[] = [
  ...serverOptions.filter((name) => name !== 'mode' && name !== 'max-buffer-size'),
  ...labelOptions,
];

/** The driver `journald`, with Docker's fields, so that `journalctl CONTAINER_NAME=…` finds the same. */
export function journaldConfig(options: LogOptions, facts: LogFacts): LogConfig {
  const tag = logTag(options, facts);
  const fields = {
    CONTAINER_ID: facts.id.slice(0, 12),
    CONTAINER_ID_FULL: facts.id,
    CONTAINER_NAME: facts.name,
    CONTAINER_TAG: tag,
    IMAGE_NAME: facts.imageName,
    SYSLOG_IDENTIFIER: tag,
    ...Object.fromEntries(
      logLabels(options, facts).flatMap(([name, value]) => (journalName(name) === '' ? [] : [[journalName(name), value]])),
    ),
  };
  return { driver: 'journald', ...cachedLogFile(options, facts), address: journalSocket, fields: logFields(fields) };
}

/** As Docker makes a field's name of a label's: other characters become underscores, those in front go. */
function journalName(name: string): string {
  return name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '_')
    .replace(/^_+/, '');
}
