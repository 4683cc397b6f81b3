// What people ask about their own data: to have it, or to have it gone. Knows no platform.

import type { Requester } from '../queue/job.ts';
import { forget, type Forgotten } from '../core/forget.ts';
import { exportOf } from '../core/own-data.ts';
import type { PostRef } from '../core/posts.ts';
import { UserError } from '../core/user-error.ts';
import { counted } from './report/amounts.ts';
import type { Chat, Intent, Line, Sheet, Words } from './chat.ts';

interface Deps {
  data: Parameters<typeof exportOf>[1] & Parameters<typeof forget>[1];
  cancel: (jobId: string) => Promise<unknown>;
  /** What else a platform keeps of a person, which only the console does. */
  clear?: (by: Requester) => Promise<void>;
  now: () => Date;
}

type Asked = Extract<Intent, { kind: 'mydata' }>;

/** Between two exports of one person. */
const EVERY_MS = 10 * 60_000;

export class OwnData {
  readonly #deps: Deps;
  /** When each person was last given theirs. */
  readonly #given = new Map<string, number>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** `chatOf`: the platform that a message is on; throws where it is not connected. */
  async serve(chat: Chat, intent: Asked, chatOf: (post: PostRef) => Chat): Promise<Words> {
    const { by } = intent;
    if (intent.what === 'export') return this.#export(chat, intent);
    if (!intent.sure) return QUESTION;
    const { data, cancel, clear } = this.#deps;
    const takeAway = async (post: PostRef): Promise<void> => chatOf(post).remove(post);
    const blank = async (post: PostRef): Promise<void> =>
      chatOf(post)
        .revise(post, BLANK)
        .catch(() => takeAway(post)); // one that is gone already can not be revised
    const forgotten = await forget(by, data, { cancel, takeAway, blank });
    await clear?.(by);
    return forgottenWords(forgotten);
  }

  async #export(chat: Chat, { by, place, key }: Asked): Promise<Words> {
    this.#mayHave(by);
    const files = await this.#handAll(chat, { by, place, key }).catch((error: unknown) => {
      this.#given.delete(`${by.platform}/${by.id}`); // what failed may be asked again at once
      throw error;
    });
    return files === 1
      ? 'That is all that is kept about you.'
      : `That is all that is kept about you, in ${files} files.`;
  }

  async #handAll(chat: Chat, { by, place, key }: Pick<Asked, 'by' | 'place' | 'key'>): Promise<number> {
    let files = 0;
    for await (const { name, bytes, pictures } of exportOf(by, this.#deps.data, {
      mostBytes: chat.mostBytes,
    })) {
      files += 1;
      const what = pictures > 0 ? `${pictures} of your pictures` : 'What else is kept about you';
      await chat.hand(by, place, { words: [{ text: `${what}:` }], files: [{ name, bytes }] }, key);
    }
    return files;
  }

  #mayHave({ platform, id }: Requester): void {
    const now = this.#deps.now().getTime();
    for (const [person, at] of this.#given) if (at + EVERY_MS <= now) this.#given.delete(person);
    const person = `${platform}/${id}`;
    const last = this.#given.get(person);
    if (last !== undefined) {
      const minutes = Math.ceil((last + EVERY_MS - now) / 60_000);
      throw new UserError(`You had it a moment ago. Ask again in ${minutes} min.`);
    }
    this.#given.set(person, now);
  }
}

/** In the place of what moderators were asked. */
const BLANK: Sheet = { words: [{ text: 'This was from or about somebody who asked to be forgotten.' }] };

const QUESTION: Line[] = [
  {
    text: 'Your requests, pictures, settings and stars go, and all messages of mine that show them. What moderators were asked about them names you no more. There is no way back. The account of what was used keeps its numbers without your name; decisions of admins about you stay.',
  },
  { text: 'To have it so (on Discord with “confirm”):', code: '/mydata forget yes' },
];

function forgottenWords({ requests, pictures, messages, left }: Forgotten): Line[] {
  return [
    {
      text: `Gone: ${counted(requests, 'request')}, ${counted(pictures, 'picture')}, ${counted(messages, 'message')}, your settings and stars.`,
    },
    ...(left > 0
      ? [
          {
            text: `${counted(left, 'message')} could not be taken away. Ask again later, and it is tried again.`,
          },
        ]
      : []),
  ];
}
