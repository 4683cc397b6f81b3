// Controls as Block Kit buttons. A button's id holds all that a press means, so one under an old message works after
// any restart. Knows no views.

import type { types } from '@slack/bolt';
import type { Action, Control } from '../chat.ts';
import { plain, short } from './mrkdwn.ts';

const MAX_LABEL = 60;
const PREFIX = 'darkroom';
const ACTION_ID = /^darkroom:(upscale|vary|pick|rerun|remix|cancel|keep|share|report|remove)(?::(\d+))?$/;

export interface Press {
  action: Action;
  index: number;
}

export function actionId({ action, index }: Pick<Control, 'action' | 'index'>): string {
  return index === undefined ? `${PREFIX}:${action}` : `${PREFIX}:${action}:${index}`;
}

export function readActionId(id: string): Press | undefined {
  const [, action, index] = ACTION_ID.exec(id) ?? [];
  return action ? { action: action as Action, index: Number(index ?? 0) } : undefined;
}

/** With several pictures a row each for enlarging, varying, picking and the rest; with one picture a single row. */
export function rowsOf(controls: readonly Control[], pictures: number): types.ActionsBlock[] {
  const of = (...actions: Action[]): Control[] => controls.filter(({ action }) => actions.includes(action));
  const rest = controls.filter(({ action }) => !['upscale', 'vary', 'pick'].includes(action));
  const many = pictures > 1 || of('pick').length > 0;
  const rows = many ? [of('upscale'), of('vary'), of('pick'), rest] : [[...controls]];
  return rows
    .filter((row) => row.length > 0)
    .map((row) => ({ type: 'actions' as const, elements: row.map(button) }));
}

function button(control: Control): types.Button {
  const label = short(control.label, MAX_LABEL);
  return {
    type: 'button',
    action_id: actionId(control),
    text: plain(`${control.emoji} ${label}`),
    accessibility_label: label,
  };
}

interface AnyBlock {
  elements?: { action_id?: string }[];
}

/** How many finished pictures a message of ours shows, by its buttons: a preview has none of these. */
export function picturesOn(blocks: readonly unknown[]): number {
  const indexes = (blocks as readonly AnyBlock[])
    .flatMap(({ elements = [] }) => elements.map(({ action_id: id }) => readActionId(id ?? '')))
    .flatMap((press) => (press?.action === 'upscale' || press?.action === 'vary' ? [press.index + 1] : []));
  return Math.max(0, ...indexes);
}
