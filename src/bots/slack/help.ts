// What can be asked on Slack, and how. Knows the commands, flags and reactions there are.

import { flags } from '../../core/prompt-line.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import type { Line, Reaction } from '../chat.ts';
import type { Reactions } from '../reactions.ts';
import { commands } from '../typed-line.ts';
import { DARKROOM, IMAGINE } from './words.ts';

const meanings: Record<Reaction, string> = {
  rerun: 'draws it again with a new seed',
  upscale: 'draws it larger',
  send: 'sends you the pictures with seed and id',
  end: 'cancels it, or deletes it when it is over',
  favorite: 'puts it among your favorites',
};

export function help({
  cards,
  reactions,
}: {
  cards: () => readonly ModelCard[];
  reactions: Reactions;
}): Line[] {
  const models = cards().map(({ name }) => name);
  return [
    { text: 'Draws pictures from words:', code: `${IMAGINE} a red heart --n 2` },
    { text: 'Opens a form with everything there is to choose:', code: IMAGINE },
    ...commands
      .filter(({ name }) => name !== 'imagine' && name !== 'darkroom')
      .map(({ name, takes, description }) => ({
        text: `${description}:`,
        code: [DARKROOM, name, takes].filter(Boolean).join(' '),
      })),
    {
      text: 'In a thread, or with a picture to start from attached, mention me:',
      code: '@me imagine a red heart',
    },
    ...(models.length > 1 ? [{ text: `Models, with --model: ${models.join(', ')}` }] : []),
    { text: 'Options go after the words:', code: flags.map(({ name }) => `--${name}`).join(' ') },
    ...reactionLines(reactions),
  ];
}

function reactionLines(reactions: Reactions): Line[] {
  const named = new Map<Reaction, string>();
  for (const [emoji, meaning] of reactions)
    if (emoji.startsWith(':') && !named.has(meaning)) named.set(meaning, emoji);
  if (named.size === 0) return [];
  const said = [...named].map(([meaning, emoji]) => `${emoji} ${meanings[meaning]}`);
  return [{ text: `A reaction on a message of mine: ${said.join('; ')}.` }];
}
