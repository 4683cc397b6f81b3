// The home page: what one person waits for, has drawn and has marked, and a button to the form. In words: a picture here
// would be one more file in the workspace for every look at the page.

import type { types } from '@slack/bolt';
import type { Entry, Line, Overview } from '../chat.ts';
import { plain, short } from './mrkdwn.ts';
import { DARKROOM, lineSection } from './words.ts';

export const DRAW = 'darkroom-home:draw';
const MAX_PROMPT = 80;

export function homeView({ waiting, running, own, recent, favorites, budget }: Overview): types.HomeView {
  const all = `Drawn right now: ${running}. Waiting: ${waiting}.`;
  return {
    type: 'home',
    blocks: [
      { type: 'header', text: plain('Darkroom') },
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: DRAW, style: 'primary', text: plain('🎨 Draw a picture') }],
      },
      ...part('What you wait for', own, 'You wait for nothing.', all),
      ...(budget ? [wordsBlock([{ text: budget }])] : []),
      ...part('What you drew', recent, 'Nothing yet. Type /imagine a red heart in any channel.'),
      ...part('Your favorites', favorites, 'None yet. Put a star on a message of mine.'),
      wordsBlock([{ text: 'To see one again:', code: `${DARKROOM} show id` }]),
    ],
  };
}

function part(title: string, entries: readonly Entry[], none: string, more?: string): types.KnownBlock[] {
  const lines = entries.length > 0 ? entries.map(lineOf) : [{ text: none }];
  return [
    { type: 'divider' },
    { type: 'header', text: plain(title) },
    wordsBlock([...(more ? [{ text: more }] : []), ...lines]),
  ];
}

function lineOf({ jobId, prompt, headline, at, href }: Entry): Line {
  const day = at.toISOString().slice(0, 10);
  return {
    text: `${short(prompt, MAX_PROMPT)}: ${headline} (${day})`,
    code: jobId,
    ...(href && { href }),
  };
}

function wordsBlock(lines: readonly Line[]): types.RichTextBlock {
  return { type: 'rich_text', elements: lines.map(lineSection) };
}
