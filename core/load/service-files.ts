import type { Collector } from '../diagnostics/collector.ts';
import type { Project, Service } from '../model/project.ts';
import type { Span } from '../source/span.ts';
import { diagnose } from './catalogue.ts';
import type { Environment, Sources } from './context.ts';
import { parseDotenv, parseRawEnv } from './dotenv.ts';
import { envFileDiagnostic } from './env-files.ts';

interface Files {
  readonly sources: Sources;
  readonly collector: Collector;
  readonly environment: Environment;
  readonly at: (service: string, attribute: string) => Span | undefined;
  /** Told where each value of a file was written. */
  readonly onValue: (path: readonly string[], at: Span) => void;
}

/** Reads every service's `env_file` into its `environment` and `label_file` into its `labels`. */
export function withServiceFiles(project: Project, files: Files & { readonly readsEnvFiles: boolean }): Project {
  const services: Record<string, Service> = Object.create(null);
  for (const [name, service] of Object.entries(project.services)) {
    const withEnvironment = files.readsEnvFiles ? readEnvironment(name, service, files) : service;
    services[name] = readLabels(name, withEnvironment, files);
  }
  return { ...project, services };
}

interface EnvFile {
  readonly path?: string;
  readonly required?: boolean;
  readonly format?: string;
}

type Loading = Service & { readonly env_file?: readonly EnvFile[]; readonly label_file?: readonly string[] };

function readEnvironment(name: string, service: Loading, files: Files): Service {
  const { environment: project, collector } = files;
  const own = new Map<string, string | null>();
  for (const [key, value] of Object.entries(service.environment ?? {})) own.set(key, value ?? project.get(key) ?? null);
  const { env_file: list, ...rest } = service;
  const read = new Map<string, string>();
  const at = files.at(name, 'env_file');
  const lookup = (key: string) => project.get(key) ?? own.get(key) ?? undefined;
  for (const { path = '', required = true, format = '' } of list ?? []) {
    const file = files.sources.read(path);
    if ('reason' in file) {
      const isMissing = file.reason.startsWith('no such');
      if (isMissing && !required) continue;
      collector.report(
        isMissing
          ? diagnose('load.service-env-file-not-found', { path, service: name }, at)
          : diagnose('load.file-not-found', { path, reason: file.reason }, at),
      );
      continue;
    }
    if (format !== '' && format !== 'raw') {
      collector.report(diagnose('load.env-file-format', { format }, at));
      continue;
    }
    const parse = format === 'raw' ? parseRawEnv : parseDotenv;
    const values = parse(file.text, {
      lookup,
      onUnset: (variable) => collector.report(diagnose('interpolate.unset', { name: variable })),
      into: read,
      onKey: (key, start, end) => {
        if (!own.has(key)) files.onValue(['services', name, 'environment', key], { file, start, end });
      },
    });
    if (!(values instanceof Map)) collector.report(envFileDiagnostic(file.name, values));
  }
  const merged = new Map<string, string | null>([...read, ...own]);
  if (merged.size === 0) return rest as Service;
  return ordered(rest as Service, { environment: sortedRecord(merged) });
}

function readLabels(name: string, service: Loading, files: Files): Service {
  const { label_file: list, ...rest } = service;
  if (list === undefined) return service;
  const read = new Map<string, string>();
  for (const path of list) {
    const file = files.sources.read(path);
    if ('reason' in file) {
      files.collector.report(diagnose('load.label-file-not-found', { path, service: name }, files.at(name, 'label_file')));
      continue;
    }
    const values = parseDotenv(file.text, { lookup: (key) => read.get(key) });
    if (!(values instanceof Map)) files.collector.report(envFileDiagnostic(file.name, values));
    else for (const [key, value] of values) read.set(key, value);
  }
  const merged = new Map([...read, ...Object.entries(service.labels ?? {})]);
  return merged.size === 0
    ? (rest as Service)
    : ordered(rest as Service, { labels: sortedRecord(merged) as Record<string, string> });
}

function sortedRecord(values: ReadonlyMap<string, string | null>): Record<string, string | null> {
  const result: Record<string, string | null> = Object.create(null);
  for (const key of [...values.keys()].sort()) result[key] = values.get(key) ?? null;
  return result;
}

/** Member order does not matter to readers; renderers follow the shape. */
function ordered(service: Service, change: Partial<Service>): Service {
  return { ...service, ...change };
}
