import type { LogFile } from '#schemas/supervisor-protocol.ts';
import type { LogFacts } from './log-facts.ts';
import { logLabels } from './log-labels.ts';
import type { LogOptions } from './log-options.ts';
import { logTag } from './log-tag.ts';

/** Rotation is on by default: a container must not fill the disk. */
const defaultMaxSizeBytes = 10 * 1000 * 1000;
const defaultMaxFiles = 5;
/** The supervisor's limit. */
const maxAttributesBytes = 8192;

/** The file of `json-file` and `local`. */
export function localLogFile(options: LogOptions, { driver, facts }: { driver: string; facts: LogFacts }): LogFile {
  const maxFiles = options.whole('max-file', { fallback: defaultMaxFiles, min: 1 });
  // Docker's `local` compresses unless told otherwise.
  const compress = options.flag('compress', driver === 'local' && maxFiles > 1);
  if (compress && maxFiles === 1) options.refuse('compress', 'with one file there is none to compress; raise max-file');
  const tag = options.text('tag') ? [['tag', logTag(options, facts)] as const] : [];
  const labels = [...logLabels(options, facts), ...tag];
  const attributes = JSON.stringify(Object.fromEntries(labels));
  if (Buffer.byteLength(attributes) > maxAttributesBytes) {
    options.refuse('labels', `what each line would carry is longer than ${maxAttributesBytes} bytes`);
  }
  return {
    path: facts.path,
    maxSizeBytes: options.size('max-size', defaultMaxSizeBytes),
    maxFiles,
    ...(compress ? { compressor: facts.helper } : {}),
    ...(labels.length > 0 ? { attributes } : {}),
  };
}

/** The file that is kept beside a log server so that `logs` works (Docker's "dual logging"), or none. */
export function cachedLogFile(options: LogOptions, facts: LogFacts): { readonly file?: LogFile } {
  const maxFiles = options.whole('cache-max-file', {
    fallback: options.whole('max-file', { fallback: defaultMaxFiles, min: 1 }),
    min: 1,
  });
  const compress = options.flag('cache-compress', options.flag('compress', false));
  if (compress && maxFiles === 1)
    options.refuse('cache-compress', 'with one file there is none to compress; raise cache-max-file');
  if (options.flag('cache-disabled', false)) return {};
  const file = {
    path: facts.path,
    maxSizeBytes: options.size('cache-max-size', options.size('max-size', defaultMaxSizeBytes)),
    maxFiles,
    ...(compress ? { compressor: facts.helper } : {}),
  };
  return { file };
}
