// Words for one person only: under the interaction they answer, else as a direct message, else in the channel for a
// moment. Knows nothing of what is said.

import { Routes, type APIMessage, type REST } from 'discord.js';
import type { Logger } from 'pino';
import type { Requester } from '../../queue/job.ts';
import type { Place, Words } from '../chat.ts';
import type { Answers } from './answers.ts';
import { DirectMessageRefused, type DirectMessages } from './direct.ts';
import { textPayload, type Payload } from './payload.ts';
import { brief, isExpired, isForbidden, isGone } from './problems.ts';
import { pagesOf, withMentions } from './wording.ts';

interface Deps {
  rest: REST;
  answers: Answers;
  direct: DirectMessages;
  log: Logger;
  /** How long a sentence stands in a channel, where nothing else reached the person. */
  passingNoteMs: number;
}

export class Whispers {
  readonly #deps: Deps;
  readonly #notes = new Map<NodeJS.Timeout, () => Promise<void>>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async say(to: Requester, place: Place, words: Words, key?: string): Promise<void> {
    try {
      await this.show(to, pagesOf(words), key);
    } catch (error) {
      if (!(error instanceof DirectMessageRefused)) throw error;
      // A sentence may be read by others; a list of somebody's pictures is nobody else's business.
      await this.#passingNote(to, place.channel, typeof words === 'string' ? words : error.message);
    }
  }

  /** Messages as they stand. Rejects with DirectMessageRefused when there was no other way. */
  async show(to: Requester, pages: readonly string[], key?: string): Promise<void> {
    for (const page of pages) await this.hand(to, textPayload(page), key);
  }

  /** One message as it stands. Rejects with DirectMessageRefused when there was no other way. */
  async hand(to: Requester, payload: Payload, key?: string): Promise<void> {
    const { answers, direct } = this.#deps;
    const answer = answers.of(key);
    if (answer)
      try {
        await answers.say(answer, payload, 'one');
        return;
      } catch (error) {
        if (!isExpired(error) && !isGone(error)) throw error;
      }
    await direct.send(to.id, payload);
  }

  /**
   * A sentence in the channel that pings this person and stays: what they wait for did not reach them. Where the channel
   * is closed too there is no way left to them, and no sense in another try.
   */
  async leaveNote(to: Requester, channel: string, sentence: string): Promise<void> {
    const { rest, log } = this.#deps;
    try {
      await rest.post(Routes.channelMessages(channel), noteFor(to, sentence));
    } catch (error) {
      if (!isForbidden(error) && !isGone(error)) throw error;
      log.warn({ err: brief(error), channel }, 'a person can be told nothing, there or directly');
    }
  }

  /** Takes back what still stands in channels. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.#notes].map(([timer, takeBack]) => {
        clearTimeout(timer);
        return takeBack();
      }),
    );
  }

  async #passingNote(to: Requester, channel: string, sentence: string): Promise<void> {
    const { rest, log, passingNoteMs } = this.#deps;
    const { id } = (await rest.post(Routes.channelMessages(channel), noteFor(to, sentence))) as APIMessage;
    const takeBack = async (): Promise<void> => {
      this.#notes.delete(timer);
      await rest.delete(Routes.channelMessage(channel, id)).catch((error: unknown) => {
        if (!isGone(error)) log.warn({ err: brief(error) }, 'a passing note was left standing');
      });
    };
    const timer: NodeJS.Timeout = setTimeout(() => void takeBack(), passingNoteMs);
    this.#notes.set(timer, takeBack);
  }
}

const MAX_SENTENCE = 900; // characters; escaping may double them

const noteFor = (to: Requester, sentence: string): Payload =>
  textPayload(`<@${to.id}> ${withMentions(sentence.slice(0, MAX_SENTENCE))}`, to.id);
