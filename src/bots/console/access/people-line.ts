// The owner's commands about who else may use the page: /people, /people invite anna, /people remove anna.

import type { Line } from '../../chat.ts';
import type { Access } from './access.ts';
import { isLoopback } from './address.ts';
import type { Who } from './who.ts';

export const peopleCommand = {
  name: 'people',
  takes: 'invite or remove, and a name',
  description: 'Who may use this page beside you',
};

export type PeopleLine = { act: 'list' } | { act: 'invite' | 'remove'; name: string } | { act: 'help' };

/** Undefined: the line is about something else. */
export function readPeopleLine(text: string): PeopleLine | undefined {
  const match = /^\s*\/people(?:\s+([^]*))?$/i.exec(text);
  if (!match) return undefined;
  const [act, name, ...more] = (match[1] ?? '').trim().split(/\s+/);
  if (!act || act.toLowerCase() === 'list') return { act: 'list' };
  const known = /^(invite|add)$/i.test(act)
    ? 'invite'
    : /^(remove|dismiss)$/i.test(act)
      ? 'remove'
      : undefined;
  return known && name && more.length === 0 ? { act: known, name } : { act: 'help' };
}

const NOBODY_SIGNS_IN =
  'This page is for the person at this machine: nobody signs in. To let others in, set CONSOLE_PASSWORD in .env, ' +
  'and HOST or PUBLIC_URL for where they find it.';

const HERE_ALONE =
  'The link opens on this machine alone, as that is where you are. For others open the page under its address in the ' +
  'network, or set PUBLIC_URL, and invite anew.';

interface Deps {
  /** Absent where nobody signs in. */
  access?: Access;
  /** Somebody may use the page no longer. */
  left: (who: Who) => void;
  /** Where the owner's browser found the page. */
  origin: string;
}

/** Carries the command out, and says what came of it. Rejects with a UserError. */
export async function servePeople(line: PeopleLine, { access, left, origin }: Deps): Promise<Line[]> {
  if (!access) return [{ text: NOBODY_SIGNS_IN }];
  switch (line.act) {
    case 'help':
      return [{ text: 'Type /people, /people invite anna or /people remove anna.' }];
    case 'list':
      return listed(await access.people());
    case 'invite': {
      const { name, key } = await access.invite(line.name);
      return [
        // What stands after # stays in the browser: it reaches no server and no log.
        {
          text: `${name} may use this page. Give them this link; it is shown this once:`,
          code: `${origin}/sign-in#${key}`,
        },
        { text: 'They see their own pictures alone. The rules of /darkroom hold for them.' },
        ...(isLoopback(new URL(origin).hostname) ? [{ text: HERE_ALONE }] : []),
      ];
    }
    case 'remove': {
      const who = await access.dismiss(line.name);
      left(who);
      return [
        {
          text: `${who.by.name} may use this page no longer. What they asked for is still drawn, and all their pictures are there when you invite ${who.by.name} again.`,
        },
      ];
    }
  }
}

function listed(people: readonly { name: string; createdAt: Date }[]): Line[] {
  if (people.length === 0) return [{ text: 'You are alone here. To let somebody in: /people invite anna' }];
  return people.map(({ name, createdAt }) => ({
    text: `${name}, since ${createdAt.toISOString().slice(0, 10)}`,
  }));
}
