import { unreachable } from '#core/unreachable.ts';
import type { Settings } from '../settings.ts';
import { jsonView } from './json/json-view.ts';
import { plainView } from './plain/plain-view.ts';
import { quietView } from './quiet/quiet-view.ts';
import { ttyView } from './tty/tty-view.ts';
import type { View, ViewRequest } from './view.ts';

/** The view of a progress mode. */
export function openView(mode: Settings['progress'], request: ViewRequest): View {
  switch (mode) {
    case 'tty':
      return ttyView(request);
    case 'plain':
      return plainView(request);
    case 'json':
      return jsonView(request);
    case 'quiet':
      return quietView();
    default:
      return unreachable(mode);
  }
}
