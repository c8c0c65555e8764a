import { isAbsolute, join } from 'node:path/posix';
import type { Project, Service } from './project.ts';

/** A service whose `seccomp=` files are absolute; the model keeps them as written, relative to the project directory. */
export function withAbsoluteProfiles(project: Pick<Project, 'workingDir'>, service: Service): Service {
  if (service.security_opt === undefined) return service;
  const options = service.security_opt.map((option) => {
    const [, key, value = ''] = /^(seccomp[=:])(.*)$/s.exec(option) ?? [];
    if (key === undefined || isAbsolute(value) || /^(unconfined$|builtin$|$|\{)/.test(value)) return option;
    return `${key}${join(project.workingDir, value)}`;
  });
  return { ...service, security_opt: options };
}
