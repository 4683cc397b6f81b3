// Our messages on Slack: posted where they may be, edited while their jobs go on, shown to the end somewhere. Knows how
// views look there through blocks.ts, and nothing of the events they come from.

import type { Logger } from 'pino';
import type { PostRef } from '../../core/posts.ts';
import { UserError } from '../../core/user-error.ts';
import type { Cause, Line, Place, View } from '../chat.ts';
import { EditPace, type EditCounts, type Pace } from '../edit-pace.ts';
import { Recent } from '../recent.ts';
import { placeAt, PLATFORM, whereIs } from './address.ts';
import { messageOf, type Message, type Shown } from './blocks.ts';
import { verdictOn } from './edit-limits.ts';
import { codeOf, isDeleted, isFrozen, isOutside } from './failures.ts';
import { filesOn, placeOf, type Links } from './our-message.ts';
import type { Pictures } from './pictures.ts';
import type { Previews } from './previews.ts';
import { isUnshowable, say, showing } from './send.ts';
import type { Uploaded } from './upload.ts';
import type { SlackWeb } from './web.ts';
import type { Whispers } from './whispers.ts';

interface Deps {
  web: SlackWeb;
  whispers: Whispers;
  links: Links;
  pictures: Pictures;
  previews: Previews;
  pace: Pace;
  log: Logger;
}

/** What a last view has beside its words. */
interface Ending {
  picture?: Shown;
  note?: Line[];
}

const REMEMBERED = 1000;
const NO_SHARE = 'I may not write in that channel: /invite me there, then press Share again.';
const OUTSIDE =
  'I may not write here, so it comes as a direct message. In a channel, type /invite and my name to have it there.';
const LEFT = 'I can not write where you asked for this any more, so it comes here.';
const STAYS = 'It is deleted with me, but Slack does not let me take the message away here.';
const FROZEN = 'My earlier message can not be changed any more, so this one takes its place.';

export class Messages {
  readonly #deps: Deps;
  readonly #web: SlackWeb;
  readonly #edits: EditPace;
  /** Messages that somebody deleted while their jobs went on. */
  readonly #deleted = new Set<string>();
  /** What was uploaded for a last view, by message: a view that is delivered again needs no second copy. */
  readonly #files = new Recent<Uploaded>(REMEMBERED);

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#web = deps.web;
    this.#edits = new EditPace({
      pace: deps.pace,
      judge: verdictOn,
      lost: (error) => deps.log.warn({ err: error }, 'an edit on Slack was given up'),
      retrying: (error, attempt) =>
        deps.log.warn({ err: error, attempt }, 'a last view was not shown on Slack; trying again'),
    });
  }

  get edits(): Readonly<EditCounts> {
    return this.#edits.counts;
  }

  async post(place: Place, view: View, cause?: Cause): Promise<PostRef> {
    if (view.private) return this.#postDirectly(place, view, cause);
    try {
      return await say(this.#web, place, messageOf(view));
    } catch (error) {
      if (!isOutside(error)) throw error;
      if (cause?.share) throw new UserError(NO_SHARE, { cause: error });
      return this.#postDirectly(place, view, cause);
    }
  }

  /** To the person who asked, with a line where they asked. */
  async #postDirectly(place: Place, view: View, cause?: Cause): Promise<PostRef> {
    const { whispers } = this.#deps;
    const message = messageOf(view);
    const asker = (cause && whispers.askerOf(cause.key)) ?? view.by;
    const direct = await whispers.directChannel(asker.id);
    const post = await say(this.#web, placeAt(direct), message);
    if (whereIs(place).channel === direct) return post;
    const text = view.private ? 'For you alone, in our direct messages:' : OUTSIDE;
    const href = await this.#deps.links.to(post);
    await whispers
      .whisper(asker, place, [{ text, ...(href && { href }) }], cause?.key)
      .catch((error: unknown) => this.#deps.log.warn({ err: error, job: view.jobId }, 'whisper failed'));
    return post;
  }

  update(post: PostRef, view: View): void {
    const { previews } = this.#deps;
    if (this.#deleted.has(keyOf(post))) return;
    previews.offer(post, view);
    this.#edits.offer(post.channel, keyOf(post), async () => {
      const picture = previews.of(post);
      await this.#edit(post, messageOf(view, picture && { picture })).catch((error: unknown) => {
        if (isUnshowable(error)) previews.withdraw(post);
        throw error;
      });
    });
  }

  /** The new address where the message could not be changed any more. Rejects where the same may go well later. */
  async deliver(post: PostRef, view: View): Promise<PostRef | undefined> {
    try {
      const moved = this.#deleted.has(keyOf(post)) ? undefined : await this.#showLast(post, view);
      this.#deps.previews.end(post); // not before: until then the message may show one
      return moved;
    } finally {
      this.#deleted.delete(keyOf(post));
    }
  }

  async #showLast(post: PostRef, view: View): Promise<PostRef | undefined> {
    const last = (message: Message): Promise<void> =>
      this.#edits.insist(post.channel, keyOf(post), () => this.#edit(post, message));
    const ending = await this.#endingOf(post, view);
    try {
      await this.#show(view, ending, last);
      return undefined;
    } catch (error) {
      if (this.#web.stopped || !(isFrozen(error) || isOutside(error))) throw error;
      return this.#move(post, view, ending, error);
    }
  }

  async #endingOf(post: PostRef, view: View): Promise<Ending> {
    if (view.pictures.length === 0) return {};
    const file = this.#files.get(keyOf(post)) ?? {};
    this.#files.set(keyOf(post), file);
    try {
      return { picture: await this.#deps.pictures.grid(view, file) };
    } catch (error) {
      return { note: this.#without(error, view) };
    }
  }

  /** Sends a last view; without its picture when Slack does not show that. */
  async #show<T>(view: View, ending: Ending, send: (message: Message) => Promise<T>): Promise<T> {
    try {
      return await showing(this.#web, () => send(messageOf(view, ending)));
    } catch (error) {
      if (!ending.picture || !isUnshowable(error)) throw error;
      return send(messageOf(view, { note: [...(ending.note ?? []), ...this.#without(error, view)] }));
    }
  }

  #without(error: unknown, view: View): Line[] {
    if (this.#web.stopped || verdictOn(error).again) throw error;
    this.#deps.log.warn({ err: error, job: view.jobId }, 'the picture could not be shown on Slack');
    return this.#deps.pictures.instead(error, view);
  }

  async #move(post: PostRef, view: View, ending: Ending, error: unknown): Promise<PostRef | undefined> {
    const { log, whispers } = this.#deps;
    const outside = isOutside(error);
    log.warn({ err: error, job: view.jobId }, 'a message on Slack is out of reach');
    // Somebody of another platform, whose job was only shown here, sees it there.
    if (outside && view.by.platform !== PLATFORM) return undefined;
    const place = outside
      ? placeAt(await whispers.directChannel(view.by.id))
      : await placeOf(this.#web, post);
    const note = [{ text: outside ? LEFT : FROZEN }, ...(ending.note ?? [])];
    return this.#show(view, { ...ending, note }, (message) => say(this.#web, place, message));
  }

  async #edit(post: PostRef, { text, blocks }: Message): Promise<void> {
    const { channel, message: ts } = post;
    try {
      await this.#web.client.chat.update({ channel, ts, text, blocks, parse: 'none', link_names: false });
    } catch (error) {
      if (!isDeleted(error)) throw error;
      this.#deps.log.info({ channel, ts }, 'a message of ours was deleted on Slack');
      this.#deleted.add(keyOf(post));
      void this.#edits.forget(keyOf(post));
    }
  }

  /** With its picture, which nobody else shows. */
  async remove(post: PostRef): Promise<void> {
    await this.#edits.forget(keyOf(post));
    this.#deps.previews.end(post);
    const files = await filesOn(this.#web, post);
    const where = { channel: post.channel, ts: post.message };
    await this.#web
      .call((client) => client.chat.delete(where))
      .catch((error: unknown) => {
        if (isFrozen(error) || isOutside(error)) throw new UserError(STAYS, { cause: error });
        if (!isDeleted(error)) throw error;
      });
    for (const file of files)
      await this.#web
        .call((client) => client.files.delete({ file }))
        .catch((error: unknown) => this.#deps.log.info({ code: codeOf(error) }, 'a file stays on Slack'));
  }

  stop(): void {
    this.#edits.stop();
  }
}

function keyOf({ channel, message }: PostRef): string {
  return `${channel}/${message}`;
}
