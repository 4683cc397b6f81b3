// The moderators' side: who was refused asks them, who saw a bad picture tells them, and they decide by pressing a
// button in the channel that the server's admins chose. Knows no platform.

import type { Logger } from 'pino';
import { isOwn } from '../core/access.ts';
import { mark } from '../core/admin/mention.ts';
import { accountOf } from '../core/admission.ts';
import type { LedgerStore } from '../core/ledger.ts';
import type { NewReview, Review, ReviewStore } from '../core/reviews.ts';
import { banOn, HOUSE, rulerOf, type Rules, type ServerRef } from '../core/rules.ts';
import type { Refused, Studio } from '../core/studio.ts';
import { UserError } from '../core/user-error.ts';
import type { Job, Requester } from '../queue/job.ts';
import { askerOf } from './asker.ts';
import type { Chat, Intent, Line, Press, Words } from './chat.ts';
import { administered } from './office.ts';
import { Recent } from './recent.ts';
import { short } from './short.ts';

interface Deps {
  studio: Pick<Studio, 'allowed'>;
  reviews: ReviewStore;
  ledger: Pick<LedgerStore, 'refuse'>;
  rulesOf: (server: ServerRef) => Rules;
  jobs: { get(id: string): Promise<Job | undefined> };
  now: () => Date;
  log: Logger;
  /** Our message for a job that was allowed. */
  answer: (chat: Chat, job: Job) => Promise<void>;
  /** Takes a job's pictures and messages away. */
  remove: (job: Job, by: Requester) => Promise<void>;
}

type Acted = Extract<Intent, { kind: 'review' }>;

const MOST = 1000;
/** Reports that are remembered as made. */
const MOST_TOLD = 10_000;
/** Slack takes five answers at an address, the closing words among them. */
const MOST_LISTED = 4;
/** Of what somebody asked for, to tell them what a decision is about. */
const MOST_REMINDED = 80;
const ALREADY = 'That is decided already.';
const NOBODY = 'Nobody is told of that here: an admin sets where with /darkroom settings log-channel.';

export class Moderators {
  readonly #deps: Deps;
  /** Who reported which job since the start. */
  readonly #told = new Recent<true>(MOST_TOLD);

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Tells a person why not, and offers to ask the moderators where there are some and they may say yes. */
  async refuse(chat: Chat, intent: Intent, refused: Refused): Promise<Words | undefined> {
    const { reviews, ledger, now } = this.#deps;
    const { asked, asker } = refused;
    await ledger.refuse({
      server: accountOf({ by: asked.requester, ...(asked.server !== undefined && { server: asked.server }) }),
      channel: asker.parent ?? asked.channel,
      person: asked.requester.id,
      model: asked.params.model,
      at: now(),
    });
    if (refused.final || this.#logChannel(asked) === undefined) return refused.message;
    const { requester: by, server, channel } = asked;
    const review = await reviews.add(
      {
        kind: 'request',
        state: 'open',
        by,
        ...(server !== undefined && { server }),
        channel,
        request: { ...asked, asker },
        reason: refused.message,
      },
      now(),
    );
    const ask: Press = { review: review.id, act: 'ask', emoji: '🙋', label: 'Ask a moderator' };
    await chat.hand(by, intent.place, { words: [{ text: refused.message }], presses: [ask] }, intent.key);
    return undefined;
  }

  /** Somebody thinks that a picture should not be here. */
  async report(chat: Chat, intent: Intent, job: Job): Promise<Words> {
    const { reviews, now } = this.#deps;
    const { by } = intent;
    if (isOwn(job, by)) throw new UserError('It is yours: 🗑 takes it away.');
    if (job.requester.platform !== chat.platform || this.#logChannel(job) === undefined)
      throw new UserError(NOBODY);
    if (this.#isBanned(job, by)) throw new UserError('You may not report here.');
    const told = `${job.id} ${by.platform} ${by.id}`;
    if (this.#told.has(told)) throw new UserError('The moderators are told of it already.');
    this.#told.set(told, true);
    try {
      await this.#tell(chat, await reviews.add(reportOf(job, by), now()));
    } catch (error) {
      this.#told.delete(told); // to be reported again
      throw error;
    }
    return 'The moderators are told.';
  }

  /** What waits for a decision here, each with its buttons: for the admin who asks alone. */
  async list(chat: Chat, intent: Extract<Intent, { kind: 'admin' }>): Promise<Words | undefined> {
    administered(intent);
    const { by, place, key } = intent;
    const open = await this.#deps.reviews.asked(place, MOST_LISTED + 1);
    const waiting = open.slice(0, MOST_LISTED);
    if (waiting.length === 0) return 'Nothing waits for a decision.';
    for (const review of waiting) {
      const sheet = { words: await this.#wordsOf(review), presses: pressesOf(review) };
      await chat.hand(by, place, sheet, key);
    }
    return open.length <= MOST_LISTED
      ? undefined
      : `These are the ${MOST_LISTED} oldest; decide some for the next.`;
  }

  /** A button was pressed. */
  async act(chat: Chat, intent: Acted): Promise<Words> {
    const review = await this.#deps.reviews.get(intent.review);
    if (!review || review.by.platform !== chat.platform) throw new UserError(ALREADY);
    if (intent.act !== 'ask') return this.#decide(chat, intent, review);
    if (!isOwn({ requester: review.by }, intent.by))
      throw new UserError('Only the person who asked for it can ask.');
    if (review.state !== 'open') throw new UserError('The moderators are asked already.');
    await this.#tell(chat, review);
    return 'The moderators are asked. When they allow it, it is drawn here.';
  }

  /** First the message, then the state: asked twice is better than never. */
  async #tell(chat: Chat, review: Review): Promise<void> {
    const channel = this.#logChannel(review);
    if (channel === undefined) throw new UserError(NOBODY);
    const { server } = review;
    const place = { platform: chat.platform, channel, ...(server !== undefined && { server }) };
    const sheet = { words: await this.#wordsOf(review), presses: pressesOf(review) };
    const post = await chat.publish(place, sheet);
    if (await this.#deps.reviews.move(review.id, 'open', { state: 'asked', post })) return;
    // Asked twice at once, or forgotten meanwhile: one message is enough, and nobody could take this one away.
    await chat
      .remove(post)
      .catch((error: unknown) => this.#deps.log.warn({ err: error }, 'a question asked twice stays'));
  }

  async #wordsOf({ kind, by, request, jobId, reason }: Review): Promise<Line[]> {
    const job = jobId === undefined ? undefined : await this.#deps.jobs.get(jobId);
    const prompt = (request?.params ?? job?.params)?.prompt ?? '';
    return [
      { text: kind === 'request' ? `${mark('person', by.id)} asks to draw this all the same:` : reason },
      { text: 'The words:', code: short(prompt, MOST) },
      ...(kind === 'request' ? [{ text: reason }] : []),
      ...(jobId === undefined ? [] : [{ text: 'Its id, for /show:', code: jobId }]),
    ];
  }

  async #decide(chat: Chat, intent: Acted, review: Review): Promise<Words> {
    const { reviews, log } = this.#deps;
    const { by, place, act } = intent;
    const mayDecide = (intent.moderator || intent.admin) && place.server === review.server;
    if (!mayDecide) throw new UserError('Only moderators decide that.');
    const state = act === 'approve' ? ('approved' as const) : ('denied' as const);
    const decided = await reviews.move(review.id, 'asked', { state, decidedBy: by.id });
    if (!decided) throw new UserError(ALREADY);
    await this.#carryOut(chat, intent, decided).catch(async (error: unknown) => {
      await reviews.move(decided.id, state, { state: 'asked' }); // to be decided again
      throw error;
    });
    const words: Line[] = [...(await this.#wordsOf(decided)), { text: verdictOf(decided) }];
    if (decided.post)
      await chat
        .revise(decided.post, { words })
        .catch((error: unknown) => log.warn({ err: error }, 'a decided message could not be changed'));
    return 'So be it.';
  }

  async #carryOut(chat: Chat, intent: Acted, { kind, state, by, server, channel, request, jobId }: Review) {
    const { studio, jobs, answer, remove, log } = this.#deps;
    const place = { platform: chat.platform, channel, ...(server !== undefined && { server }) };
    const words = short(request?.params.prompt ?? '', MOST_REMINDED);
    const tell = (text: string): Promise<void> =>
      chat
        .hand(by, place, { words: [{ text, code: words }] })
        .catch((error: unknown) => log.info({ err: error }, 'somebody could not be told of a decision'));
    if (kind === 'picture') {
      const job = jobId === undefined ? undefined : await jobs.get(jobId);
      if (state === 'denied' && job) await remove(job, intent.by);
    } else if (state === 'approved' && request) {
      const { asker, ...asked } = request;
      const allowed = studio.allowed(asked, { ...askerOf({ by, place }), ...asker });
      const job = await allowed.catch(async (error: unknown) => {
        if (error instanceof UserError) await tell(`A moderator allowed it, but: ${error.message}`);
        throw error;
      });
      await answer(chat, job);
    } else await tell('A moderator decided that it is not drawn:');
  }

  #isBanned(job: Job, { id }: Job['requester']): boolean {
    const { rulesOf, now } = this.#deps;
    const rules = rulesOf(rulerOf(job.requester.platform, job.server));
    return banOn(rules, id, now()) !== undefined;
  }

  #logChannel({ server, ...who }: { server?: string; by?: Job['requester']; requester?: Job['requester'] }) {
    const platform = (who.by ?? who.requester)!.platform;
    // The house's channel is one of the page.
    if (server === undefined && platform !== HOUSE.platform) return undefined;
    return this.#deps.rulesOf(rulerOf(platform, server)).logChannel;
  }
}

const reportOf = (job: Job, by: Requester): NewReview => ({
  kind: 'picture',
  state: 'open',
  by,
  ...(job.server !== undefined && { server: job.server }),
  channel: job.channel,
  jobId: job.id,
  reason: `${mark('person', by.id)} reports a picture of ${mark('person', job.requester.id)}.`,
});

function pressesOf({ id: review, kind }: Review): Press[] {
  return kind === 'request'
    ? [
        { review, act: 'approve', emoji: '✅', label: 'Approve' },
        { review, act: 'deny', emoji: '🚫', label: 'Deny' },
      ]
    : [
        { review, act: 'approve', emoji: '✅', label: 'Keep' },
        { review, act: 'deny', emoji: '🗑️', label: 'Remove' },
      ];
}

function verdictOf({ kind, state, decidedBy }: Review): string {
  const who = mark('person', decidedBy ?? '');
  if (kind === 'picture') return state === 'approved' ? `${who} keeps it.` : `${who} removed it.`;
  return state === 'approved' ? `${who} allowed it.` : `${who} did not allow it.`;
}
