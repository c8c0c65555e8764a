import type { Service } from '#core/model/project.ts';
import type { LogConfig } from '#schemas/supervisor-protocol.ts';
import { logDrivers } from './log-drivers.ts';
import type { LogFacts } from './log-facts.ts';
import { type LogProblem, logOptions } from './log-options.ts';

/** The log driver that applies, or what is wrong with it. */
export function logConfig(logging: Service['logging'], facts: LogFacts): LogConfig | LogProblem {
  const name = logging?.driver || 'json-file';
  const given = logging?.options ?? {};
  const driver = Object.hasOwn(logDrivers, name) ? logDrivers[name] : undefined;
  if (driver === undefined) {
    const error = `the log driver "${name}" is not built; use ${Object.keys(logDrivers).join(', ')}`;
    return { key: 'logging.driver', error };
  }
  const unknown = Object.keys(given).find((key) => !driver.options.includes(key));
  if (unknown !== undefined) return { key: `logging.options.${unknown}`, error: `the driver "${name}" has no such option here` };
  const options = logOptions(given);
  const config = driver.config(options, facts);
  return options.problem() ?? config;
}
