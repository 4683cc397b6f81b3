// Slack: /imagine and mentions come in over Socket Mode, one message of ours per job goes out and is edited until the
// job is over. Ties the parts of this folder together; knows nothing of queues or models beyond their cards.

import type { Logger } from 'pino';
import type { PostRef } from '../../core/posts.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import type { ImageStore, Requester } from '../../queue/job.ts';
import type { Cause, Chat, Intent, Place, View } from '../chat.ts';
import { gridOf } from '../grid.ts';
import { PLATFORM, placeAt } from './address.ts';
import { gridAlt, messageOf, type Grid, type Message } from './blocks.ts';
import { Connection } from './connection.ts';
import { Edits, type Pace, type Verdict } from './edits.ts';
import { COMMAND, listen } from './events.ts';
import { codeOf, isGone, isOutside, isPassing, quietFor } from './failures.ts';
import { boltLog } from './log.ts';
import { say } from './say.ts';
import { upload, withoutPicture } from './upload.ts';
import { SlackWeb, type Wait } from './web.ts';
import { Whispers } from './whispers.ts';

/** A file may be refused in a message for a moment although Slack says that it is ready. */
const SHOW_TRIES = 4;
const SHOW_EVERY_MS = 1500;

export interface SlackDeps {
  /** xoxb-… */
  botToken: string;
  /** xapp-…, with connections:write, for Socket Mode. */
  appToken: string;
  /** The Web API's address. */
  apiUrl: string;
  images: Pick<ImageStore, 'get'>;
  /** The models people may ask for, the default one first. */
  cards: () => readonly ModelCard[];
  log: Logger;
  clock: () => Date;
  /** Between two edits; within Slack's limits unless told. */
  pace?: Pace;
  wait?: Wait;
}

export class SlackChat implements Chat {
  readonly platform = PLATFORM;
  readonly #deps: SlackDeps;
  readonly #web: SlackWeb;
  readonly #connection: Connection;
  readonly #whispers: Whispers;
  readonly #edits: Edits<Message>;

  constructor(deps: SlackDeps) {
    this.#deps = deps;
    const { botToken, appToken, apiUrl, log, clock } = deps;
    const logger = boltLog(log);
    this.#web = new SlackWeb(botToken, apiUrl, logger, deps.wait);
    this.#connection = new Connection({ web: this.#web, botToken, appToken, apiUrl, logger, log });
    this.#whispers = new Whispers(this.#web, clock);
    this.#edits = new Edits({
      send: (message, state) => this.#edit(message, state),
      judge: verdictOn,
      lost: (error) => log.warn({ err: error }, 'an edit on Slack was given up'),
      now: () => performance.now(),
      ...(deps.pace && { pace: deps.pace }),
    });
  }

  /** Rejects with a plain sentence when Slack does not take a token or is out of reach. */
  async start(serve: (intent: Intent) => Promise<void>): Promise<void> {
    try {
      const self = await this.#connection.whoAmI();
      const app = this.#connection.app(self);
      app.error(async (error) => this.#deps.log.error({ err: error }, 'a Slack event could not be handled'));
      listen(app, {
        self,
        web: this.#web,
        serve,
        help: (to, place, key) => this.whisper(to, place, this.#help(), key),
        keep: (key, url) => this.#whispers.keep(key, url),
      });
      await this.#connection.open();
      this.#deps.log.info({ team: self.team }, 'connected to Slack');
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async post(place: Place, view: View, cause?: Cause): Promise<PostRef> {
    try {
      return await say(this.#web, place, messageOf(view));
    } catch (error) {
      if (!isOutside(error)) throw error;
    }
    const direct = placeAt(await this.#whispers.directChannel(view.by.id));
    const post = await say(this.#web, direct, messageOf(view));
    const sentence = `I am not in this channel, so the picture comes as a direct message. Type /invite and my name here to have it in the channel.`;
    await this.whisper(view.by, place, sentence, cause?.key).catch((error: unknown) =>
      this.#deps.log.warn({ err: error, job: view.jobId }, 'whisper failed'),
    );
    return post;
  }

  async update(post: PostRef, view: View): Promise<void> {
    this.#edits.show(keyOf(post), messageOf(view));
  }

  async deliver(post: PostRef, view: View): Promise<void> {
    if (view.pictures.length === 0) return this.#edits.last(keyOf(post), messageOf(view));
    try {
      const grid = await this.#upload(view);
      await this.#showGrid(post, view, grid);
    } catch (error) {
      if (this.#web.stopped) throw error;
      this.#deps.log.warn({ err: error, job: view.jobId }, 'the picture could not be shown on Slack');
      const note = withoutPicture(error, view.jobId);
      await this.#edits.last(keyOf(post), messageOf(view, { note }));
    }
  }

  async #upload(view: View): Promise<Grid> {
    const pngs = await Promise.all(view.pictures.map(({ id }) => this.#deps.images.get(id)));
    const kept = pngs.filter((png) => png !== undefined);
    if (kept.length === 0) throw new Error('The pictures are gone from the store.');
    const alt = gridAlt(view, kept.length);
    return { alt, file: await upload(this.#web, await gridOf(kept), { name: `${view.jobId}.png`, alt }) };
  }

  async #showGrid(post: PostRef, view: View, grid: Grid): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#edits.last(keyOf(post), messageOf(view, { grid }));
      } catch (error) {
        if (codeOf(error) !== 'invalid_blocks' || attempt === SHOW_TRIES) throw error;
        await this.#web.wait(SHOW_EVERY_MS);
      }
    }
  }

  async #edit(message: string, { text, blocks }: Message): Promise<void> {
    const [channel = '', ts = ''] = message.split('/');
    try {
      await this.#web.client.chat.update({ channel, ts, text, blocks, parse: 'none', link_names: false });
    } catch (error) {
      if (!isGone(error)) throw error;
      this.#deps.log.info({ channel, ts, code: codeOf(error) }, 'a message of ours is gone from Slack');
      this.#edits.forget(message);
    }
  }

  async remove(post: PostRef): Promise<void> {
    this.#edits.forget(keyOf(post));
    const where = { channel: post.channel, ts: post.message };
    await this.#web
      .call((client) => client.chat.delete(where))
      .catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
  }

  async whisper(to: Requester, place: Place, text: string, key?: string): Promise<void> {
    await this.#whispers.whisper(to, place, text, key);
  }

  async stop(): Promise<void> {
    this.#edits.stop();
    this.#web.stop();
    await this.#connection.close();
  }

  #help(): string {
    const models = this.#deps.cards().map(({ name }) => name);
    const choice = models.length > 1 ? ` Models, with --model: ${models.join(', ')}.` : '';
    return `Type ${COMMAND} and a few words, like "${COMMAND} a red heart". Options go after the words: --seed 7, --steps 25, --n 1, --no blue.${choice} In a thread, mention me: "@me imagine a red heart".`;
  }
}

function keyOf({ channel, message }: PostRef): string {
  return `${channel}/${message}`;
}

function verdictOn(error: unknown): Verdict {
  const ms = quietFor(error);
  if (ms !== undefined) return { again: true, ms };
  return { again: isPassing(error) };
}
