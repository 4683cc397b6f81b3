// A view's controls as buttons under its message, and what a pressed one means. A button carries no more than its
// action and its picture: the message it stands under says the rest, so it works after any restart. Buttons under words
// carry the review that they are about.

import {
  ButtonStyle,
  ComponentType,
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIButtonComponentWithCustomId,
  type APIComponentInMessageActionRow,
  type APIMessage,
} from 'discord.js';
import type { Action, Control, Press, ReviewAct } from '../chat.ts';
import { shorten } from './wording.ts';

const MAX_LABEL = 80;
const ROWS = 5;
const IN_A_ROW = 5;

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

/** What is about one of several pictures. */
const perPicture: readonly Action[] = ['upscale', 'vary', 'pick'];

/**
 * What is about one picture on rows of their own when there are several, and the rest below; else all in sequence.
 * Where there is no room for all, the report is left out: a message's menu has it too.
 */
export function rowsOf(controls: readonly Control[]): Row[] {
  const rows = allRowsOf(controls);
  const fewer = rows.length > ROWS ? allRowsOf(controls.filter(({ action }) => action !== 'report')) : rows;
  return fewer.slice(0, ROWS).map(rowOf);
}

/** Buttons under words of ours. */
export const pressRowsOf = (presses: readonly Press[]): Row[] =>
  inRows(presses.map(pressButton)).slice(0, ROWS).map(rowOf);

const rowOf = (components: APIButtonComponent[]): Row => ({ type: ComponentType.ActionRow, components });

function allRowsOf(controls: readonly Control[]): APIButtonComponent[][] {
  const of = (action: Action): Control[] => controls.filter((control) => control.action === action);
  const many = perPicture.some((action) => of(action).length > 1);
  const rest = controls.filter(({ action }) => !perPicture.includes(action));
  const groups = many ? [...perPicture.map(of), rest] : [controls];
  return groups.flatMap((group) => inRows(group.map(button)));
}

function inRows(buttons: readonly APIButtonComponent[]): APIButtonComponent[][] {
  const count = Math.ceil(buttons.length / IN_A_ROW);
  return Array.from({ length: count }, (_, i) => buttons.slice(i * IN_A_ROW, (i + 1) * IN_A_ROW));
}

function button({ action, index, emoji, label }: Control): APIButtonComponent {
  const ends = action === 'cancel' || action === 'remove';
  return {
    type: ComponentType.Button,
    style: ends ? ButtonStyle.Danger : ButtonStyle.Secondary,
    custom_id: `darkroom:${action}${index === undefined ? '' : `:${index}`}`,
    emoji: { name: emoji },
    label: shorten(label, MAX_LABEL),
  };
}

const styles: Record<ReviewAct, APIButtonComponentWithCustomId['style']> = {
  ask: ButtonStyle.Secondary,
  approve: ButtonStyle.Success,
  deny: ButtonStyle.Danger,
};

const pressButton = ({ review, act, emoji, label }: Press): APIButtonComponent => ({
  type: ComponentType.Button,
  style: styles[act],
  custom_id: `review:${act}:${review}`,
  emoji: { name: emoji },
  label: shorten(label, MAX_LABEL),
});

/** What a button under words of ours means; undefined for one that is not. */
export function reviewIn(customId: string): { review: string; act: ReviewAct } | undefined {
  const [, act, review] = /^review:(ask|approve|deny):([\w-]{1,64})$/.exec(customId) ?? [];
  return review === undefined ? undefined : { review, act: act as ReviewAct };
}

const actions = {
  upscale: true,
  vary: true,
  pick: true,
  rerun: true,
  remix: true,
  cancel: true,
  keep: true,
  share: true,
  report: true,
  remove: true,
} satisfies Record<Action, true>;

const isAction = (name: string): name is Action => Object.hasOwn(actions, name);

/** What a button of ours means; undefined for one that is not. */
export function pressedIn(customId: string): { action: Action; index?: number } | undefined {
  const [, action = '', index] = /^darkroom:([a-z]+)(?::(\d))?$/.exec(customId) ?? [];
  return isAction(action) ? { action, ...(index !== undefined && { index: Number(index) }) } : undefined;
}

/** How many finished pictures a message of ours shows, told by the buttons under it: a preview has none of these. */
export function picturesOn({ components = [] }: Pick<APIMessage, 'components'>): number {
  const buttons = components.flatMap((row) => (row.type === ComponentType.ActionRow ? row.components : []));
  const indices = buttons
    .map((each) => ('custom_id' in each ? pressedIn(each.custom_id) : undefined))
    .flatMap((press) => (press?.action === 'upscale' || press?.action === 'vary' ? [press.index ?? 0] : []));
  return 1 + Math.max(-1, ...indices);
}
