// Buttons under words of ours, about a review. As with controls, a button's id holds all that a press means, so one
// under an old message works after any restart. Knows nothing of what is decided.

import type { types } from '@slack/bolt';
import type { Press, ReviewAct } from '../chat.ts';
import { plain, short } from './mrkdwn.ts';

const MAX_LABEL = 60;
/** Slack takes so many in a row. */
const MOST = 25;
export const PRESS_ID = /^darkroom-review:(ask|approve|deny):([\w-]{1,200})$/;

export function pressRow(presses: readonly Press[] = []): types.ActionsBlock[] {
  return presses.length > 0 ? [{ type: 'actions', elements: presses.slice(0, MOST).map(button) }] : [];
}

export function readPressId(id: string): Pick<Press, 'review' | 'act'> | undefined {
  const [, act, review] = PRESS_ID.exec(id) ?? [];
  return review === undefined ? undefined : { review, act: act as ReviewAct };
}

function button({ act, review, emoji, label: full }: Press): types.Button {
  const label = short(full, MAX_LABEL);
  return {
    type: 'button',
    action_id: `darkroom-review:${act}:${review}`,
    text: plain(`${emoji} ${label}`),
    accessibility_label: label,
  };
}
