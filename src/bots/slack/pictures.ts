// A view's finished pictures as Slack shows them: one grid on the job's message, each by itself in a direct message, and
// a sentence with links where Slack takes none. Knows where pictures are kept, not how messages are sent.

import { UserError } from '../../core/user-error.ts';
import type { ImageStore } from '../../queue/job.ts';
import type { Line, View, ViewPicture } from '../chat.ts';
import { gridOf } from '../grid.ts';
import type { Reactions } from '../reactions.ts';
import { blurred } from './blurred.ts';
import { gridAlt, type Shown } from './blocks.ts';
import { isTooLarge, neededScope } from './failures.ts';
import { upload, type Uploaded } from './upload.ts';
import type { SlackWeb } from './web.ts';

interface Kept {
  picture: ViewPicture;
  png: Uint8Array;
}

export class Pictures {
  readonly #web: SlackWeb;
  readonly #images: Pick<ImageStore, 'get'>;
  readonly #publicUrl: string | undefined;
  /** The emoji that brings the pictures as they are, if one does. */
  readonly #send: string | undefined;

  constructor(web: SlackWeb, images: Pick<ImageStore, 'get'>, reactions: Reactions, publicUrl?: string) {
    this.#web = web;
    this.#images = images;
    this.#publicUrl = publicUrl;
    this.#send = [...reactions].find(([emoji, meaning]) => meaning === 'send' && emoji.startsWith(':'))?.[0];
  }

  /** All pictures that are still there, in one; those to be hidden blurred. */
  async grid(view: View, uploaded: Uploaded): Promise<Shown> {
    const kept = await this.#kept(view);
    const hidden = kept.some(({ picture }) => picture.spoiler);
    const shown = kept.map(({ picture, png }) => (picture.spoiler ? blurred(png) : Promise.resolve(png)));
    const png = await gridOf(await Promise.all(shown));
    return {
      file: await upload(this.#web, png, view.jobId, uploaded),
      alt: gridAlt(view, kept.length),
      ...(hidden && { caption: this.#caption() }),
    };
  }

  #caption(): string {
    const why = "What is blurred was flagged by the model's safety checker.";
    return this.#send ? `${why} React with ${this.#send} and it comes to you as it is.` : why;
  }

  async each(view: View): Promise<Shown[]> {
    const shown: Shown[] = [];
    for (const [i, { picture, png }] of (await this.#kept(view)).entries())
      shown.push({ file: await upload(this.#web, png, `${view.jobId}-${i + 1}`), alt: picture.alt });
    return shown;
  }

  /**
   * What people read instead of a picture. `asked`: somebody alone who wants to see also what is to be hidden; anywhere
   * else that has no link, which would show it as it is.
   */
  instead(error: unknown, view: View, { asked = false } = {}): Line[] {
    return [{ text: reason(error, view.jobId) }, ...this.#links(view, asked)];
  }

  #links({ pictures, private: isPrivate }: View, asked: boolean): Line[] {
    // A private picture is nothing for an address that everybody can open.
    if (!this.#publicUrl || isPrivate) return [];
    const shown = pictures.map((picture, i) => ({ ...picture, number: i + 1 }));
    const links = shown
      .filter(({ spoiler }) => asked || !spoiler)
      .map(({ id, number }) => ({
        text: pictures.length === 1 ? 'The picture:' : `Picture ${number}:`,
        href: `${this.#publicUrl}/pictures/${id}.png`,
      }));
    return links.length === pictures.length ? links : [...links, { text: this.#hidden() }];
  }

  #hidden(): string {
    const why = "What the model's safety checker flagged has no link here.";
    return this.#send ? `${why} React with ${this.#send} and it comes to you as it is.` : why;
  }

  async #kept(view: View): Promise<Kept[]> {
    const read = await Promise.all(
      view.pictures.map(async (picture) => ({ picture, png: await this.#images.get(picture.id) })),
    );
    const kept = read.flatMap(({ picture, png }) => (png ? [{ picture, png }] : []));
    if (kept.length === 0) throw new UserError('The pictures are not kept any more. Draw them again.');
    return kept;
  }
}

function reason(error: unknown, jobId: string): string {
  const scope = neededScope(error);
  if (scope)
    return `The picture is drawn, but I may not upload it: give the Slack app the scope ${scope}, install it again, and ask again.`;
  if (error instanceof UserError) return error.message;
  return isTooLarge(error)
    ? 'The picture is drawn, but it is larger than Slack takes here, even as a small JPEG. Ask for a smaller one with --size.'
    : `The picture is drawn, but Slack did not take it; the owner finds the reason in the log under ${jobId}. Ask again in a while.`;
}
