// What /help answers: every command, how options look, and what the reactions mean here.

import type { Line, Reaction } from '../chat.ts';
import { firstEmoji, type Reactions } from '../reactions.ts';
import { commands } from '../typed-line.ts';

const meanings: Record<Reaction, string> = {
  rerun: 'draws again with a new seed',
  upscale: 'draws larger',
  send: 'brings each picture by itself, with its seed',
  end: 'cancels or deletes',
  favorite: 'keeps it among your favorites',
};

/** Asks for the coloured form of the character before it. */
const IN_COLOUR = '\ufe0f';

export function help(reactions: Reactions): Line[] {
  const typed = commands.map(({ name, takes, description }) => ({
    text: `/${name}${takes ? ` ${takes}` : ''}: ${description}`,
  }));
  const pressed = [...firstEmoji(reactions)].map(
    ([meaning, emoji]) => `${emoji}${IN_COLOUR} ${meanings[meaning]}`,
  );
  return [
    ...typed,
    {
      text: 'Options go among the words. Type -- to see them all.',
      code: '/imagine a red heart --n 1 --seed 7',
    },
    ...(pressed.length > 0 ? [{ text: `On a message: ${pressed.join(', ')}.` }] : []),
    { text: 'Paste or drop a picture to start from it. Arrow up brings back your last line.' },
  ];
}
