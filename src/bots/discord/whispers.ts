// A sentence for one person only: under the interaction it answers, else as a direct message, else in the channel for
// a moment. Knows nothing of what is said.

import {
  Routes,
  type APIMessage,
  type REST,
  type RESTPostAPICurrentUserCreateDMChannelResult,
} from 'discord.js';
import type { Logger } from 'pino';
import type { Requester } from '../../queue/job.ts';
import type { Place } from '../chat.ts';
import type { Answers } from './answers.ts';
import { textPayload, type Payload } from './payload.ts';
import { brief, isGone, refusesMessages } from './problems.ts';
import { escapeText, shorten } from './wording.ts';

const MAX_SENTENCE = 900; // characters; escaping may double them

interface Deps {
  rest: REST;
  answers: Answers;
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

  async say(to: Requester, place: Place, text: string, key?: string): Promise<void> {
    const { answers, rest } = this.#deps;
    const sentence = escapeText(shorten(text, MAX_SENTENCE));
    const answer = answers.of(key);
    if (answer) {
      await answers.dropReply(answer);
      await answers.followUp(answer, textPayload(sentence), true);
      return;
    }
    try {
      const body = { recipient_id: to.id };
      const dm = (await rest.post(Routes.userChannels(), {
        body,
      })) as RESTPostAPICurrentUserCreateDMChannelResult;
      await rest.post(Routes.channelMessages(dm.id), textPayload(sentence));
    } catch (error) {
      if (!refusesMessages(error)) throw error;
      await this.#passingNote(place.channel, textPayload(`<@${to.id}> ${sentence}`, to.id));
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

  async #passingNote(channel: string, payload: Payload): Promise<void> {
    const { rest, log } = this.#deps;
    const { id } = (await rest.post(Routes.channelMessages(channel), payload)) as APIMessage;
    const takeBack = async (): Promise<void> => {
      this.#notes.delete(timer);
      await rest.delete(Routes.channelMessage(channel, id)).catch((error: unknown) => {
        if (!isGone(error)) log.warn({ err: brief(error) }, 'a passing note was left standing');
      });
    };
    const timer: NodeJS.Timeout = setTimeout(() => void takeBack(), this.#deps.passingNoteMs);
    this.#notes.set(timer, takeBack);
  }
}
