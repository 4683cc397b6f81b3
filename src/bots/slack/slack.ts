// Slack: words, presses and reactions come in over a socket or signed HTTP; one message of ours per job goes out and is
// edited until the job is over. Ties the parts of this folder together; knows nothing of queues, nor of models beyond
// their cards.

import type { Logger } from 'pino';
import type { PostRef } from '../../core/posts.ts';
import type { Style } from '../../core/styles.ts';
import { UserError } from '../../core/user-error.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import type { ImageStore, Requester } from '../../queue/job.ts';
import type { Cause, Chat, Desk, Place, Sheet, View, Words } from '../chat.ts';
import type { EditCounts, Pace } from '../edit-pace.ts';
import type { Reactions } from '../reactions.ts';
import { listenToActions } from './actions.ts';
import { PLATFORM } from './address.ts';
import { imageOf } from './blocks.ts';
import { listenToCommands } from './commands.ts';
import { appOn, whoAmI, type EventReceiver, type Self } from './connection.ts';
import type { Context } from './context.ts';
import { EDIT_PACE } from './edit-limits.ts';
import { listenToEvents } from './events.ts';
import { Groups } from './groups.ts';
import { HttpReceiver } from './http-receiver.ts';
import { acknowledgement } from './kept-app.ts';
import { boltLog } from './log.ts';
import { withPeople } from './marks.ts';
import { Messages } from './messages.ts';
import { Links } from './our-message.ts';
import { People } from './people.ts';
import { Pictures } from './pictures.ts';
import { Previews } from './previews.ts';
import { showing } from './send.ts';
import { Sheets } from './sheets.ts';
import { listenToShortcuts } from './shortcuts.ts';
import { SocketReceiver } from './socket-receiver.ts';
import { listenToForms } from './submissions.ts';
import { SlackWeb, type Wait } from './web.ts';
import { Whispers } from './whispers.ts';
import { wordsMessage } from './words.ts';

export interface SlackDeps {
  /** xoxb-… */
  botToken: string;
  /** xapp-…, with connections:write, for Socket Mode. */
  appToken?: string;
  /** For signed HTTP on `port`, where there is no app token. */
  signingSecret?: string;
  port: number;
  host?: string;
  /** The Web API's address. */
  apiUrl: string;
  /** Ids of people who may delete and cancel what others asked for. */
  moderators: readonly string[];
  /** Ids of people who may set the workspace's rules. */
  admins: readonly string[];
  images: Pick<ImageStore, 'get'>;
  /** The models people may ask for, the default one first. */
  cards: () => readonly ModelCard[];
  styles: () => readonly Style[];
  schedulers: readonly string[];
  reactions: Reactions;
  /** Where people reach the console, if they do. */
  publicUrl?: string;
  log: Logger;
  clock: () => Date;
  /** Between two edits; within Slack's limits unless told. */
  pace?: Pace;
  /** Slack hears of what it sent after so long, when it is neither kept nor answered by then. */
  ackWithinMs?: number;
  /** Between two previews. */
  previewEveryMs?: number;
  wait?: Wait;
}

/** Slack takes files of a gigabyte, one by one; what is in memory here is less. */
const MOST_BYTES = 100 * 2 ** 20;

export class SlackChat implements Chat {
  readonly platform = PLATFORM;
  readonly mostBytes = MOST_BYTES;
  readonly #deps: SlackDeps;
  readonly #web: SlackWeb;
  readonly #receiver: EventReceiver;
  readonly #groups: Groups;
  readonly #people: People;
  readonly #whispers: Whispers;
  readonly #pictures: Pictures;
  readonly #links: Links;
  readonly #messages: Messages;
  readonly #sheets: Sheets;
  #workspace: Self | undefined;

  constructor(deps: SlackDeps) {
    this.#deps = deps;
    const { botToken, apiUrl, log, clock } = deps;
    const web = new SlackWeb(botToken, apiUrl, boltLog(log), deps.wait);
    this.#web = web;
    this.#receiver = receiverOf(deps, web);
    this.#groups = new Groups(web, log, clock);
    this.#people = new People(web, this.#groups, log);
    this.#whispers = new Whispers(web, this.#people, clock);
    this.#pictures = new Pictures(web, deps.images, deps.reactions, deps.publicUrl);
    this.#links = new Links(web);
    this.#messages = new Messages({
      web,
      whispers: this.#whispers,
      links: this.#links,
      pictures: this.#pictures,
      previews: new Previews(web, log, deps.previewEveryMs),
      pace: deps.pace ?? EDIT_PACE,
      log,
    });
    this.#sheets = new Sheets({
      web,
      whispers: this.#whispers,
      links: this.#links,
      people: this.#people,
      log,
    });
  }

  /** Rejects with a plain sentence when Slack does not take a token or is out of reach. */
  async start(desk: Desk): Promise<void> {
    const { log } = this.#deps;
    try {
      const access = { ...this.#deps, web: this.#web, logger: boltLog(log) };
      const self = await whoAmI(access);
      const app = appOn(this.#receiver, self, access);
      app.error(async (error) => log.error({ err: error }, 'a Slack event could not be handled'));
      await this.#groups.refresh(); // before anybody asks: limits may hold for them
      const context = this.#context(desk, self);
      for (const listen of [
        listenToCommands,
        listenToEvents,
        listenToActions,
        listenToShortcuts,
        listenToForms,
      ])
        listen(app, context);
      await this.#receiver.open();
      this.#workspace = self;
      log.info({ team: self.team }, 'connected to Slack');
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  get edits(): Readonly<EditCounts> {
    return this.#messages.edits;
  }

  /** Channels have no name that Slack tells unasked. */
  nameOf(kind: 'server' | 'channel', id: string): string | undefined {
    return kind === 'server' && id === this.#workspace?.teamId ? this.#workspace.team : undefined;
  }

  #context(desk: Desk, self: Self): Context {
    const { admins, botToken, cards, log, moderators, reactions, schedulers, styles } = this.#deps;
    return {
      self,
      web: this.#web,
      desk: {
        serve: (intent) => desk.serve(intent, acknowledgement()),
        draft: (post, by) => desk.draft(post, by),
        overview: (by) => desk.overview(by),
      },
      people: this.#people,
      groups: this.#groups,
      whispers: this.#whispers,
      reactions,
      moderators,
      admins,
      authorization: `Bearer ${botToken}`,
      cards,
      styles,
      schedulers,
      log,
    };
  }

  /** The last view of a job that is over comes with `deliver`, and its picture with it. */
  post(place: Place, view: View, cause?: Cause): Promise<PostRef> {
    return this.#messages.post(place, view, cause);
  }

  async update(post: PostRef, view: View): Promise<void> {
    this.#messages.update(post, view);
  }

  deliver(post: PostRef, view: View): Promise<PostRef | undefined> {
    return this.#messages.deliver(post, view);
  }

  remove(post: PostRef): Promise<void> {
    return this.#messages.remove(post);
  }

  whisper(to: Requester, place: Place, words: Words, key?: string): Promise<void> {
    return this.#whispers.whisper(to, place, words, key);
  }

  async direct(to: Requester, view: View, words: Words): Promise<void> {
    await this.#whispers.directChannel(to.id); // who takes none is told before anything is uploaded
    try {
      const shown = await this.#pictures.each(view);
      const { text, blocks } = wordsMessage(await withPeople(words, this.#people));
      const message = { text, blocks: [...blocks, ...shown.map(imageOf)] };
      await showing(this.#web, () => this.#whispers.direct(to, message));
    } catch (error) {
      if (error instanceof UserError || this.#web.stopped) throw error;
      this.#deps.log.warn({ err: error, job: view.jobId }, 'pictures could not be sent on Slack');
      const lines = typeof words === 'string' ? [{ text: words }] : words;
      const instead = this.#pictures.instead(error, view, { asked: true });
      await this.#whispers.direct(to, wordsMessage([...lines, ...instead]));
    }
  }

  publish(place: Place, sheet: Sheet): Promise<PostRef> {
    return this.#sheets.publish(place, sheet);
  }

  revise(post: PostRef, sheet: Sheet): Promise<void> {
    return this.#sheets.revise(post, sheet);
  }

  hand(to: Requester, place: Place, sheet: Sheet, key?: string): Promise<void> {
    return this.#sheets.hand(to, place, sheet, key);
  }

  linkTo(post: PostRef): Promise<string | undefined> {
    return this.#links.to(post);
  }

  async stop(): Promise<void> {
    this.#messages.stop();
    this.#web.stop();
    await this.#receiver.close();
  }
}

function receiverOf(deps: SlackDeps, web: SlackWeb): EventReceiver {
  const { apiUrl, appToken, host, log, port, signingSecret } = deps;
  const logger = boltLog(log);
  if (appToken) return new SocketReceiver({ web, appToken, apiUrl, logger, log });
  if (signingSecret) return new HttpReceiver({ signingSecret, port, ...(host && { host }), logger });
  throw new UserError(
    'Slack needs SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for signed HTTP.',
  );
}
