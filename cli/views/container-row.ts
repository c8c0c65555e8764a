import type { ObservedContainer } from '#core/observe/observed.ts';
import { humanDuration } from './durations.ts';
import type { TemplateFields } from './go-template.ts';
import { goTime } from './local-time.ts';
import { portsText } from './ports-text.ts';
import { truncate } from './text.ts';

export interface RowOptions {
  readonly nowMs: number;
  readonly truncate: boolean;
}

/** All fields of a container that `ps` can show; keys in the order of Docker's JSON. */
export function containerRow(container: ObservedContainer, options: RowOptions): TemplateFields {
  const command = goQuoted(container.argv.join(' '));
  const createdMs = Date.parse(container.createdAt);
  const hasExited = container.state === 'exited' || container.state === 'dead';
  const mounts = container.mounts.filter((mount) => mount.type !== 'tmpfs');
  return {
    Command: options.truncate ? truncate(command, 20) : command,
    CreatedAt: goTime(new Date(createdMs)),
    Engine: '',
    ExitCode: hasExited ? (container.exitCode ?? 0) : 0,
    Health: container.state === 'running' ? (container.health ?? '') : '',
    ID: options.truncate ? container.id.slice(0, 12) : container.id,
    Image: container.image,
    Labels: Object.entries(container.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(container.mounts.filter((mount) => mount.type === 'volume').length),
    Mounts: mounts.map((mount) => (options.truncate ? truncate(mount.source, 15) : mount.source)).join(','),
    Name: container.name,
    Names: container.name,
    Networks: container.endpoints.map((endpoint) => endpoint.network).join(','),
    Ports: portsText(container.ports),
    Project: container.project,
    Publishers: publishersOf(container),
    RunningFor: `${humanDuration(options.nowMs - createdMs)} ago`,
    Service: container.service,
    Size: '0B',
    State: container.state,
    Status: statusText(container, options.nowMs),
  };
}

/** The header and row of Docker's `ps` table. */
export const psHeader: readonly string[] = ['NAME', 'IMAGE', 'COMMAND', 'SERVICE', 'CREATED', 'STATUS', 'PORTS'];
export const psFields: readonly string[] = ['Name', 'Image', 'Command', 'Service', 'RunningFor', 'Status', 'Ports'];

/** `Up 3 seconds (healthy)`, `Exited (0) 2 minutes ago`, `Restarting (1) …`: Docker's words. */
export function statusText(container: ObservedContainer, nowMs: number): string {
  const since = (time: string | undefined): string => (time === undefined ? '' : humanDuration(nowMs - Date.parse(time)));
  switch (container.state) {
    case 'created':
      return 'Created';
    case 'running': {
      const health = container.health === 'starting' ? 'health: starting' : container.health;
      return `Up ${since(container.startedAt)}${health === undefined ? '' : ` (${health})`}`;
    }
    case 'paused':
      return `Up ${since(container.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${container.exitCode ?? 0}) ${since(container.finishedAt)} ago`;
    case 'exited': {
      const code = `Exited (${container.exitCode ?? 0})`;
      // After a loss of power nobody knows when.
      return container.finishedAt === undefined ? code : `${code} ${since(container.finishedAt)} ago`;
    }
    case 'dead':
      return 'Dead';
  }
}

function publishersOf(container: ObservedContainer): readonly object[] {
  return [...container.ports]
    .sort((a, b) => a.containerPort - b.containerPort)
    .map((port) => ({
      URL: port.hostPort === undefined ? '' : port.hostIp === '' ? '0.0.0.0' : port.hostIp,
      TargetPort: port.containerPort,
      PublishedPort: port.hostPort ?? 0,
      Protocol: port.protocol,
    }));
}

/** Text in Go's double quotes; JSON's escapes are the same for what commands contain. */
function goQuoted(text: string): string {
  return JSON.stringify(text);
}
