import { unreachable } from '../unreachable.ts';
import type { Action, Plan } from './plan.ts';
import type { ConfigChange, Reason } from './reason.ts';

/**
 * The text form of a plan, one line an action: `[after] -> #id resource verb, reason [group]`. The same plan gives the
 * same text; an empty plan gives an empty text.
 */
export function planText(plan: Plan): string {
  return plan.actions.map((action) => `${actionText(action)}\n`).join('');
}

function actionText(action: Action): string {
  const group = action.group === undefined ? '' : ` [${action.group}]`;
  const destroys = action.destructive ? ', destroys data' : '';
  return `[${action.after.join(',')}] -> #${action.id} ${verbText(action)}, ${reasonText(action.reason)}${destroys}${group}`;
}

function verbText(action: Action): string {
  switch (action.kind) {
    case 'image.pull':
      return `image ${action.reference} pull${action.platform === undefined ? '' : ` ${action.platform}`}`;
    case 'image.build':
      return `image ${action.reference} build`;
    case 'image.push':
      return `image ${action.reference} push`;
    case 'image.remove':
      return `image ${action.reference} remove`;
    case 'provider.run':
      return `provider ${action.provider} of ${action.service} ${action.command}`;
    case 'network.create':
      return `network ${action.name} create`;
    case 'network.remove':
      return `network ${action.name} remove`;
    case 'volume.create':
      return `volume ${action.name} create`;
    case 'volume.remove':
      return `volume ${action.name} remove`;
    case 'container.create':
    case 'container.start':
    case 'container.stop':
    case 'container.pause':
    case 'container.unpause':
      return `container ${action.name} ${action.kind.slice('container.'.length)}`;
    case 'container.remove':
      return `container ${action.name} remove${action.volumes ? ' with volumes' : ''}`;
    case 'container.rename':
      return `container ${action.name} rename`;
    case 'container.kill':
      return `container ${action.name} kill ${action.signal}`;
    case 'container.await':
      return `container ${action.name} await ${action.condition}${action.required ? '' : ' (optional)'}`;
    case 'container.hook':
      return `container ${action.name} hook ${action.hook}[${action.index}]`;
    default:
      return unreachable(action);
  }
}

/** A reason in the words of the plan's text form. */
export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'absent':
    case 'orphan':
    case 'forced':
    case 'stopped':
    case 'requested':
    case 'part-of-recreate':
    case 'unused':
      return reason.kind;
    case 'config-changed':
      return `config-changed (${reason.changes.map(changeText).join('; ')})`;
    case 'image-changed':
      return `image-changed (${shortDigest(reason.from)} → ${shortDigest(reason.to)})`;
    case 'file-content-changed':
      return `file-content-changed (${reason.of} ${reason.name})`;
    case 'network-changed':
      return `network-changed (${reason.network})`;
    case 'volume-changed':
      return `volume-changed (${reason.volume})`;
    case 'dependency-recreated':
      return `dependency-recreated (${reason.of})`;
    case 'dependency':
      return `dependency (${reason.of} ${reason.condition})`;
    case 'image-stale':
      return `image-stale (${reason.policy}, fetched ${reason.taggedAt.slice(0, 16)})`;
    case 'scale-up':
    case 'scale-down':
      return `${reason.kind} (to ${reason.to})`;
    default:
      return unreachable(reason);
  }
}

function changeText({ path, from, to }: ConfigChange): string {
  if (from === undefined) return `${path} + ${to}`;
  return to === undefined ? `${path} - ${from}` : `${path} ${from} → ${to}`;
}

function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}
