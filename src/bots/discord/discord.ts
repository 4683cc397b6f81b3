// Discord as a platform: commands, buttons and reactions come in, one message per job goes out and is kept true by the
// bot's own token, so it outlives the interaction it came from. Knows nothing of queues or of models beyond their cards.

import { Client } from 'discord.js';
import type { Logger } from 'pino';
import type { PostRef } from '../../core/posts.ts';
import type { Style } from '../../core/styles.ts';
import { UserError } from '../../core/user-error.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import { isOver, type ImageStore, type Requester } from '../../queue/job.ts';
import type { Cause, Chat, Desk, Place, Sheet, View, Words } from '../chat.ts';
import { EditPace, type EditCounts, type Pace } from '../edit-pace.ts';
import type { Reactions } from '../reactions.ts';
import { Recent } from '../recent.ts';
import { Answers } from './answers.ts';
import { definitions } from './commands.ts';
import { Delivery } from './delivery.ts';
import { DirectMessages } from './direct.ts';
import { EDIT_PACE, isEdit, verdictOn } from './edit-limits.ts';
import { DiscordEvents } from './events.ts';
import { ATTACHMENT_LIMIT, MOST_BYTES, previewFile } from './files.ts';
import { Interactions } from './interactions.ts';
import { INTENTS, leave, logIn, onPacket } from './login.ts';
import { Messages, NotPermitted } from './messages.ts';
import { messagePayload, sheetPayload } from './payload.ts';
import { PLATFORM } from './people.ts';
import { lackingIn } from './permissions.ts';
import { brief, isPassing, isWornOut } from './problems.ts';
import { ReactionEvents } from './reactions.ts';
import { register } from './register.ts';
import { Whispers } from './whispers.ts';

const START_WITHIN_MS = 30_000;
const RETRY = { tries: 5, pauseMs: 1000 };
const PASSING_NOTE_MS = 20_000;
const REMEMBERED = 1000;

export interface DiscordDeps {
  token: string;
  apiUrl: string;
  /** Commands for this server alone; without it for all. */
  guild?: string | undefined;
  images: Pick<ImageStore, 'get'>;
  cards: () => readonly ModelCard[];
  styles: () => readonly Style[];
  schedulers: readonly string[];
  reactions: Reactions;
  /** Where people reach the console, for pictures that are too large for Discord. */
  publicUrl?: string | undefined;
  log: Logger;
  clock: () => Date;
  /** Times and sizes, Discord's own where nothing is said. */
  limits?: Partial<Limits>;
}

export interface Limits {
  pace: Pace;
  startWithinMs: number;
  retryPauseMs: number;
  passingNoteMs: number;
  /** Where Discord does not say what it takes. */
  attachmentBytes: number;
}

/** What this process knows of a message whose job is not over. */
interface Live {
  preview?: Uint8Array;
  /** It was deleted, or can be reached no more. */
  gone?: true;
}

export class DiscordChat implements Chat {
  readonly platform = PLATFORM;
  readonly mostBytes = MOST_BYTES;
  readonly #deps: DiscordDeps;
  readonly #limits: Limits;
  readonly #client: Client;
  readonly #answers: Answers;
  readonly #messages: Messages;
  readonly #whispers: Whispers;
  readonly #delivery: Delivery;
  readonly #pace: EditPace;
  readonly #live = new Map<string, Live>();
  /** Channels that Discord tells us nothing of. */
  readonly #strange = new Recent<true>(REMEMBERED);
  readonly #stopping = new AbortController();

  constructor(deps: DiscordDeps) {
    this.#deps = deps;
    this.#limits = {
      pace: EDIT_PACE,
      startWithinMs: START_WITHIN_MS,
      retryPauseMs: RETRY.pauseMs,
      passingNoteMs: PASSING_NOTE_MS,
      attachmentBytes: ATTACHMENT_LIMIT,
      ...deps.limits,
    };
    const { log, clock } = deps;
    const { passingNoteMs, retryPauseMs: pauseMs, attachmentBytes: fileLimit } = this.#limits;
    this.#client = clientOf(deps.apiUrl, log);
    const { rest } = this.#client;
    const patience = { tries: RETRY.tries, pauseMs, signal: this.#stopping.signal };
    const answers = new Answers(rest, () => clock().getTime());
    const direct = new DirectMessages(rest, patience);
    const lacking = (channel: string): string[] => lackingIn(this.#client.channels.cache.get(channel));
    const messages = new Messages({ rest, answers, direct, log, patience, lacking });
    const whispers = new Whispers({ rest, answers, direct, log, passingNoteMs });
    this.#delivery = new Delivery({ answers, messages, direct, whispers, pictures: deps, fileLimit });
    this.#answers = answers;
    this.#messages = messages;
    this.#whispers = whispers;
    this.#pace = new EditPace({
      pace: this.#limits.pace,
      judge: verdictOn,
      lost: (error) => {
        if (!(error instanceof NotPermitted) && !isWornOut(error))
          log.warn({ err: brief(error) }, 'a step was not shown on Discord');
      },
      retrying: (error, attempt) =>
        log.warn({ err: brief(error), attempt }, 'a last view was not shown on Discord; trying again'),
    });
  }

  async start(desk: Desk): Promise<void> {
    const { token, cards, schedulers, guild, log } = this.#deps;
    this.#listen(desk);
    const { application } = await logIn(this.#client, token, this.#limits.startWithinMs);
    try {
      const ours = definitions(cards(), schedulers);
      const changes = await register(this.#client.rest, application, ours, guild);
      log.info({ application, commands: changes }, 'Discord is ready');
    } catch (error) {
      await this.stop();
      if (error instanceof UserError) throw error;
      log.error({ err: brief(error) }, 'the commands were not registered');
      throw new UserError('Discord does not take the commands of this bot; the log says why.', {
        cause: error,
      });
    }
  }

  #listen(desk: Desk): void {
    const { cards, styles, schedulers, reactions, log } = this.#deps;
    const interactions = new Interactions({
      desk,
      answers: this.#answers,
      whispers: this.#whispers,
      cards,
      styles,
      schedulers,
      reactions,
      self: () => events.self,
      channels: this.#client.channels.cache,
      log,
    });
    const reacted = new ReactionEvents({ desk, client: this.#client, reactions });
    const events = new DiscordEvents(interactions, reacted, log);
    onPacket(this.#client, (packet) => events.receive(packet));
  }

  async post(place: Place, view: View, cause?: Cause): Promise<PostRef> {
    const post = await this.#delivery.post(place, view, cause);
    if (!isOver(view.status))
      this.#live.set(post.message, view.preview ? { preview: view.preview.bytes } : {});
    return post;
  }

  async update(post: PostRef, view: View): Promise<void> {
    const live = this.#live.get(post.message) ?? {};
    if (live.gone) return;
    this.#live.set(post.message, live);
    this.#pace.offer(post.channel, post.message, async () => {
      const fresh = view.preview && view.preview.bytes !== live.preview ? previewFile(view) : undefined;
      // A retry begins without a preview; the one of the attempt before would show what is not there.
      const shown = fresh ? { files: [fresh] } : view.preview ? 'same' : { files: [] };
      if (!(await this.#messages.edit(post, messagePayload(view, shown)))) live.gone = true;
      if (view.preview) live.preview = view.preview.bytes;
      else delete live.preview;
    });
  }

  async deliver(post: PostRef, view: View): Promise<PostRef | undefined> {
    const gone = this.#live.get(post.message)?.gone;
    this.#live.delete(post.message);
    if (gone && !view.private) {
      await this.#pace.forget(post.message);
      return undefined;
    }
    let moved: PostRef | undefined;
    const show = this.#delivery.last(post, view);
    await this.#pace.insist(post.channel, post.message, async () => {
      moved = await show();
    });
    return moved;
  }

  async remove(post: PostRef): Promise<void> {
    this.#live.delete(post.message);
    await this.#pace.forget(post.message);
    await this.#messages.remove(post);
  }

  whisper(to: Requester, place: Place, words: Words, key?: string): Promise<void> {
    return this.#whispers.say(to, place, words, key);
  }

  direct(to: Requester, view: View, words: Words): Promise<void> {
    return this.#delivery.direct(to, view, words);
  }

  publish(place: Place, sheet: Sheet, key?: string): Promise<PostRef> {
    return this.#messages.publish(place.channel, sheetPayload(sheet), key);
  }

  async revise(post: PostRef, sheet: Sheet): Promise<void> {
    const payload = sheetPayload(sheet);
    await this.#pace.insist(post.channel, post.message, async () => {
      await this.#messages.edit(post, payload);
    });
  }

  hand(to: Requester, _place: Place, sheet: Sheet, key?: string): Promise<void> {
    return this.#whispers.hand(to, sheetPayload(sheet), key);
  }

  get edits(): Readonly<EditCounts> {
    return this.#pace.counts;
  }

  nameOf(kind: 'server' | 'channel', id: string): string | undefined {
    const { guilds, channels } = this.#client;
    if (kind === 'server') return guilds.cache.get(id)?.name;
    const channel = channels.cache.get(id);
    return channel && !channel.isDMBased() ? channel.name : undefined;
  }

  /** Nothing leads to a message that one person alone sees for a while. */
  async linkTo({ channel, message }: PostRef): Promise<string | undefined> {
    if (this.#answers.wayTo(message)?.ephemeral) return undefined;
    const server = await this.#serverOf(channel);
    return server && `https://discord.com/channels/${server}/${channel}/${message}`;
  }

  /** As addresses have it. What the gateway did not tell is asked for once. */
  async #serverOf(id: string): Promise<string | undefined> {
    const { channels } = this.#client;
    if (this.#strange.has(id)) return undefined;
    try {
      const channel = channels.cache.get(id) ?? (await channels.fetch(id));
      if (channel) return channel.isDMBased() ? '@me' : channel.guildId;
    } catch (error) {
      if (isPassing(error)) return undefined;
    }
    this.#strange.set(id, true);
    return undefined;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#pace.stop();
    await this.#whispers.stop();
    await leave(this.#client);
  }
}

function clientOf(apiUrl: string, log: Logger): Client {
  const client = new Client({ intents: INTENTS, rest: { api: apiUrl, rejectOnRateLimit: isEdit } });
  client.on('error', (error) => log.warn({ err: error }, 'Discord'));
  client.on('shardDisconnect', ({ code }) =>
    log.error({ code }, 'Discord has closed the connection for good; restart to see why'),
  );
  client.on('shardError', (error) => log.warn({ err: error }, 'the Discord connection'));
  return client;
}
