// Views on their way to people with all their pictures: as new messages, as the last view of one, each picture alone as
// a direct message. Finds the way that is left when the usual one is closed. Knows no pace.

import type { PostRef } from '../../core/posts.ts';
import { UserError } from '../../core/user-error.ts';
import { isOver, type Requester } from '../../queue/job.ts';
import type { Cause, Place, View, Words } from '../chat.ts';
import type { Answers } from './answers.ts';
import { DirectMessageRefused, type DirectMessages } from './direct.ts';
import { gridShown, picturesShown, previewFile, sendFitting, type Pictures, type Shown } from './files.ts';
import { NotPermitted, type Messages } from './messages.ts';
import { messagePayload, textPayload, withFiles } from './payload.ts';
import { PLATFORM } from './people.ts';
import { isWornOut } from './problems.ts';
import type { Whispers } from './whispers.ts';
import { joinLines, pagesOf } from './wording.ts';

interface Deps {
  answers: Answers;
  messages: Messages;
  direct: DirectMessages;
  whispers: Whispers;
  pictures: Pictures;
  /** Bytes of a file where Discord does not say what it takes. */
  fileLimit: number;
}

type Show = (limit: number) => Promise<Shown>;

export class Delivery {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  post(place: Place, view: View, cause?: Cause): Promise<PostRef> {
    const { answers, messages, fileLimit } = this.#deps;
    const limit = answers.of(cause?.key)?.fileLimit ?? fileLimit;
    return sendFitting(this.#showing(view), limit, (shown) =>
      messages.create(place, view, messagePayload(view, shown), cause),
    );
  }

  /** Shows the last view when it is called, as often as that takes; the address of a new message when it made one. */
  last(post: PostRef, view: View): () => Promise<PostRef | undefined> {
    const show = this.#showing(view);
    return async () => {
      try {
        const shown = await this.#edit(post, view, show);
        // Who deleted a message wants none; who can not be reached by a private one waits for it still.
        return shown || !view.private ? undefined : await this.#toPerson(post, view, show);
      } catch (error) {
        if (isWornOut(error)) return this.post(post, view, { key: `after ${post.message}`, answers: post });
        if (error instanceof NotPermitted && view.by.platform === PLATFORM)
          return this.#toPerson(post, view, show, error);
        throw error;
      }
    };
  }

  #edit(post: PostRef, view: View, show: Show): Promise<boolean> {
    const { answers, messages, fileLimit } = this.#deps;
    return sendFitting(show, answers.wayTo(post.message)?.fileLimit ?? fileLimit, (shown) =>
      messages.edit(post, messagePayload(view, shown)),
    );
  }

  /** `instead`: why the message where it belongs could not be changed. */
  async #toPerson(
    post: PostRef,
    view: View,
    show: Show,
    instead?: NotPermitted,
  ): Promise<PostRef | undefined> {
    const { messages, whispers, fileLimit } = this.#deps;
    try {
      const made = await sendFitting(show, fileLimit, ({ files, note }) => {
        const told = [note, instead?.message].filter((each) => each !== undefined).join('\n');
        const shown = { files, ...(told && { note: told }) };
        return messages.toPerson(view, messagePayload(view, shown), { key: post.message });
      });
      return { platform: PLATFORM, channel: made.channel_id, message: made.id };
    } catch (error) {
      if (!(error instanceof DirectMessageRefused)) throw error;
      if (instead) throw instead;
      const sentence = `Your private request is over, but it can no longer be shown here, and you take no direct messages from me. Type /show ${view.jobId} to see it.`;
      await whispers.leaveNote(view.by, post.channel, sentence);
      return undefined;
    }
  }

  async direct(to: Requester, view: View, words: Words): Promise<void> {
    const { pictures, direct, fileLimit } = this.#deps;
    const show: Show = (limit) => picturesShown(view, pictures, limit);
    const unsent = pagesOf(words);
    await sendFitting(show, fileLimit, async ({ files, note }) => {
      if (files.length === 0 && note === undefined)
        throw new UserError('Those pictures were deleted, so there is nothing to send.');
      const pages = joinLines([...unsent, ...(note === undefined ? [] : [note])]);
      const last = pages.pop() ?? '';
      for (const page of pages) {
        await direct.send(to.id, textPayload(page));
        unsent.shift(); // smaller files are sent without it
      }
      await direct.send(to.id, withFiles(textPayload(last).body, files));
    });
  }

  /** The picture that a view shows, made once for each limit: a last view may be sent several times. */
  #showing(view: View): Show {
    const made = new Map<number, Shown>();
    return async (limit) => {
      const known = made.get(limit);
      if (known) return known;
      const preview = previewFile(view);
      const shown = isOver(view.status)
        ? await gridShown(view, this.#deps.pictures, limit)
        : { files: preview ? [preview] : [] };
      made.set(limit, shown);
      return shown;
    };
  }
}
