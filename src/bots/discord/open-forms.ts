// Forms that are opened over a message, and what is meant when they come back filled in. A form can only be the first
// answer to an interaction, so it comes in the place of the acknowledgement.

import {
  InteractionResponseType as Response,
  MessageFlags,
  type APIInteraction,
  type APIMessage,
  type APIMessageApplicationCommandInteraction,
  type APIMessageComponentInteraction,
} from 'discord.js';
import type { PostRef } from '../../core/posts.ts';
import type { ImageSource } from '../../core/prompt-line.ts';
import { UserError } from '../../core/user-error.ts';
import type { Requester } from '../../queue/job.ts';
import type { Desk, Draft } from '../chat.ts';
import { Recent } from '../recent.ts';
import type { Answers } from './answers.ts';
import { picturesOn } from './buttons.ts';
import { isPicture, readFlag, type Meant } from './fields.ts';
import { inputForm, remixForm, type Filled } from './forms.ts';
import { textPayload } from './payload.ts';
import { commonOf, postOf, type Channels } from './people.ts';

/** Pictures of others that forms are open over. */
const REMEMBERED = 1000;
const NO_PICTURE =
  'That message has no picture to start from. Choose one that has, or attach a picture to /imagine.';
const NOT_NOW = 'I can not look that message up just now. Try again in a moment.';
const NO_JOB = 'That message shows no picture of mine any more.';
const FORGOTTEN = 'I have forgotten which picture that was. Open its menu again: Apps, Use as input.';

interface Deps {
  desk: Desk;
  answers: Answers;
  /** The bot's own user id. */
  self: () => string | undefined;
  channels: Channels;
}

export class OpenForms {
  readonly #deps: Deps;
  /** By message: the address of its picture, which Discord tells only when the form is opened. */
  readonly #pictures = new Recent<string>(REMEMBERED);

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async openRemix(interaction: APIMessageComponentInteraction): Promise<void> {
    const { id } = interaction.message;
    const common = commonOf(interaction, this.#deps.channels);
    const draft = await this.#draftOf(interaction, postOf(common, id), common.by);
    if (!draft) return this.#sayAtOnce(interaction, NO_JOB);
    await this.#deps.answers.respond(interaction, { type: Response.Modal, data: remixForm(id, draft) });
  }

  async openInput(interaction: APIMessageApplicationCommandInteraction, target: APIMessage): Promise<void> {
    const { answers, self, channels } = this.#deps;
    const ours = target.author.id === self();
    const common = commonOf(interaction, channels);
    const draft = ours ? await this.#draftOf(interaction, postOf(common, target.id), common.by) : undefined;
    const url = target.attachments.find(isPicture)?.url;
    if (draft) {
      const pictures = picturesOn(target);
      if (pictures === 0) return this.#sayAtOnce(interaction, NO_PICTURE);
      const about = { ours, prompt: draft.prompt, pictures };
      return answers.respond(interaction, { type: Response.Modal, data: inputForm(target.id, about) });
    }
    if (url === undefined) return this.#sayAtOnce(interaction, NO_PICTURE);
    this.#pictures.set(target.id, url);
    const about = { ours: false, prompt: '', pictures: 1 };
    return answers.respond(interaction, { type: Response.Modal, data: inputForm(target.id, about) });
  }

  /** Throws a UserError for what can not be read, or is no longer known. */
  meantBy(filled: Filled, post: PostRef): Meant {
    if (filled.form === 'remix') return { kind: 'remix', post, text: filled.text };
    const { text, strength } = filled;
    const image = this.#imageOf(filled, post);
    return { kind: 'imagine', text, options: { ...(strength && readFlag('strength', strength)), image } };
  }

  #imageOf({ ours, index }: Extract<Filled, { form: 'input' }>, post: PostRef): ImageSource {
    if (ours) return { from: 'post', post, index };
    const url = this.#pictures.get(post.message);
    if (url === undefined) throw new UserError(FORGOTTEN);
    return { from: 'web', url };
  }

  /** Undefined when the message shows no job; rejects when that can not be told, and the person knows then. */
  async #draftOf(interaction: APIInteraction, post: PostRef, by: Requester): Promise<Draft | undefined> {
    try {
      return await this.#deps.desk.draft(post, by);
    } catch (error) {
      await this.#sayAtOnce(interaction, NOT_NOW);
      throw error;
    }
  }

  #sayAtOnce(interaction: APIInteraction, sentence: string): Promise<void> {
    const data = { ...textPayload(sentence).body, flags: MessageFlags.Ephemeral };
    return this.#deps.answers.respond(interaction, { type: Response.ChannelMessageWithSource, data });
  }
}
