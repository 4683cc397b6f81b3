// What /help says: the commands, the flags and the reactions as they are configured. Our own words, so they carry
// Discord's marks.

import { flags } from '../../core/prompt-line.ts';
import type { Reaction } from '../chat.ts';
import type { Reactions } from '../reactions.ts';
import { commands } from '../typed-line.ts';
import { REPORT_PICTURE, SHOW_RECIPE, USE_AS_INPUT } from './commands.ts';

const does: Record<Reaction, string> = {
  rerun: 'draws it again with new seeds',
  upscale: 'draws the pictures larger',
  send: 'sends them to you alone, with their seeds',
  end: 'cancels it or deletes it',
  favorite: 'marks it as a favorite',
};

/** In lines of Discord's Markdown. */
export function helpLines(reactions: Reactions): string[] {
  return [
    '**Type `/imagine` and a few words, and pictures develop here.** For example: `/imagine prompt: a red heart`',
    ...commands.map(({ name, description }) => `\`/${name}\` ${description}.`),
    '',
    'The fields of `/imagine` can also be typed after the words, and the line under a picture, pasted back, draws the same picture again:',
    ...flags.map(
      ({ name, value, description }) =>
        `\`--${name}${value === undefined ? '' : ` ${value}`}\` ${description}.`,
    ),
    '',
    `In a message's menu, under Apps: **${USE_AS_INPUT}** draws over its picture, **${SHOW_RECIPE}** tells how it was made, **${REPORT_PICTURE}** tells the moderators of it.`,
    ...reactionLines(reactions),
  ];
}

/** Some characters are drawn as emoji only with an invisible one behind them. */
const inColour = (emoji: string): string =>
  /^\p{Emoji_Presentation}/u.test(emoji) ? emoji : `${emoji}\ufe0f`;

function reactionLines(reactions: Reactions): string[] {
  const lines = Object.entries(does).flatMap(([meaning, what]) => {
    const emoji = [...reactions].filter(([, each]) => each === meaning).map(([name]) => name);
    const shown = emoji.filter((name) => !name.startsWith(':'));
    const named = shown.length > 0 ? shown.map(inColour) : emoji.map((name) => `\`${name}\``);
    return named.length > 0 ? [`${named.join(' or ')} ${what}.`] : [];
  });
  return lines.length > 0 ? ['', 'Reactions on my messages:', ...lines] : [];
}
