// Messages of ours that are about no job: a report with its chart and numbers, a question to the moderators, somebody's
// own data. Knows how they are sent, not what they say.

import type { Logger } from 'pino';
import type { PostRef } from '../../core/posts.ts';
import { UserError } from '../../core/user-error.ts';
import type { Requester } from '../../queue/job.ts';
import type { Line, Place, Sheet } from '../chat.ts';
import { placeAt, whereIs } from './address.ts';
import { imageOf, type Message, type Shown } from './blocks.ts';
import { isDeleted, isOutside, isTooLarge, neededScope } from './failures.ts';
import { withPeople } from './marks.ts';
import type { Links } from './our-message.ts';
import { placeOf } from './our-message.ts';
import type { People } from './people.ts';
import { pressRow } from './presses.ts';
import { isUnshowable, say, showing } from './send.ts';
import { shareFiles, upload } from './upload.ts';
import type { SlackWeb } from './web.ts';
import type { Whispers } from './whispers.ts';
import { wordsMessage } from './words.ts';

interface Deps {
  web: SlackWeb;
  whispers: Whispers;
  links: Links;
  people: People;
  log: Logger;
}

type Files = NonNullable<Sheet['files']>;

const NO_CHART: Line = { text: 'There is a picture to this, but Slack did not take it.' };

export class Sheets {
  readonly #deps: Deps;
  readonly #web: SlackWeb;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#web = deps.web;
  }

  /** Its files come as an answer to the message. Rejects with a UserError where we may not write. */
  async publish(place: Place, sheet: Sheet): Promise<PostRef> {
    const post = await this.#send(sheet, (message) => say(this.#web, place, message)).catch(
      (error: unknown) => {
        if (!isOutside(error)) throw error;
        const { channel } = whereIs(place);
        throw new UserError(`I may not write in <channel:${channel}>: /invite me there, then try again.`, {
          cause: error,
        });
      },
    );
    const thread = whereIs(place).thread_ts ?? post.message;
    await this.#share(placeAt(post.channel, thread), sheet.files);
    return post;
  }

  async revise(post: PostRef, sheet: Sheet): Promise<void> {
    const { channel, message: ts } = post;
    await this.#send(sheet, async ({ text, blocks }) => {
      const args = { channel, ts, text, blocks, parse: 'none', link_names: false } as const;
      await this.#web
        .call((client) => client.chat.update(args))
        .catch((error: unknown) => {
          if (!isDeleted(error)) throw error; // nothing is left to press there either
        });
    });
    if (!sheet.files?.length) return;
    const { thread_ts: thread = ts } = whereIs(await placeOf(this.#web, post));
    await this.#share(placeAt(channel, thread), sheet.files);
  }

  /** Files and pictures come as a direct message, with a line about it where they were asked for. */
  async hand(to: Requester, place: Place, sheet: Sheet, key?: string): Promise<void> {
    const { whispers, links, log } = this.#deps;
    const { picture, files = [] } = sheet;
    if (!picture && files.length === 0) {
      const { text, blocks } = await this.#wordsOf(sheet);
      return whispers.show(to, place, { text, blocks: [...blocks, ...pressRow(sheet.presses)] }, key);
    }
    const direct = placeAt(await whispers.directChannel(to.id)); // who takes none is told before anything is uploaded
    const post = await this.#send(sheet, (message) => say(this.#web, direct, message));
    await this.#share(direct, files);
    if (whereIs(place).channel === direct.channel) return;
    const href = await links.to(post);
    await whispers
      .whisper(to, place, [{ text: 'It is in our direct messages:', ...(href && { href }) }], key)
      .catch((error: unknown) => log.warn({ err: error }, 'whisper failed'));
  }

  /** Without its picture when Slack does not take that. */
  async #send<T>(sheet: Sheet, send: (message: Message) => Promise<T>): Promise<T> {
    const { picture } = sheet;
    if (!picture) return send(await this.#messageOf(sheet));
    const without = { ...sheet, words: [...sheet.words, NO_CHART] };
    const file = await this.#chart(picture.png);
    if (file === undefined) return send(await this.#messageOf(without));
    try {
      const message = await this.#messageOf(sheet, { file, alt: picture.alt });
      return await showing(this.#web, () => send(message));
    } catch (error) {
      if (!isUnshowable(error)) throw error;
      return send(await this.#messageOf(without));
    }
  }

  /** Undefined when Slack does not take it. */
  async #chart(png: Uint8Array): Promise<string | undefined> {
    try {
      return await upload(this.#web, png, 'darkroom-report');
    } catch (error) {
      if (this.#web.stopped) throw error;
      this.#deps.log.warn({ err: error }, 'a picture was not shown on Slack');
      return undefined;
    }
  }

  async #messageOf(sheet: Sheet, picture?: Shown): Promise<Message> {
    const { text, blocks } = await this.#wordsOf(sheet);
    return { text, blocks: [...blocks, ...(picture ? [imageOf(picture)] : []), ...pressRow(sheet.presses)] };
  }

  async #wordsOf({ words }: Sheet): Promise<Message> {
    return wordsMessage(await withPeople(words, this.#deps.people));
  }

  /** A file that Slack does not take is told of where it would have been. */
  async #share(place: Place, files: Files = []): Promise<void> {
    if (files.length === 0) return;
    try {
      await shareFiles(this.#web, files, whereIs(place));
    } catch (error) {
      if (this.#web.stopped) throw error;
      this.#deps.log.warn({ err: error }, 'files were not shared on Slack');
      await say(this.#web, place, wordsMessage(notShared(files, error)));
    }
  }
}

function notShared(files: Files, error: unknown): string {
  const names = files.map(({ name }) => name).join(', ');
  const scope = neededScope(error);
  if (scope)
    return `I may not upload ${names}: give the Slack app the scope ${scope}, install it again, and ask again.`;
  return isTooLarge(error)
    ? `${names}: larger than Slack takes here.`
    : `Slack did not take ${names}. Ask again in a while; the owner finds the reason in the log.`;
}
