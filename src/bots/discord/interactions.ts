// Commands, buttons, menus and forms as intents. Each is acknowledged at once and served then; one that is delivered
// twice is served once. They are read as the gateway sent them, so nothing has to be fetched; only whether a
// channel is for adults is known from before.

import {
  ApplicationCommandType,
  ComponentType,
  InteractionResponseType as Response,
  InteractionType,
  type APIApplicationCommandAutocompleteInteraction,
  type APIApplicationCommandInteraction,
  type APIChatInputApplicationCommandInteraction,
  type APIInteraction,
  type APIMessageApplicationCommandInteraction,
  type APIMessageComponentInteraction,
  type APIModalSubmitInteraction,
} from 'discord.js';
import type { Logger } from 'pino';
import type { PostRef } from '../../core/posts.ts';
import type { Style } from '../../core/styles.ts';
import { UserError } from '../../core/user-error.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import type { Action, Desk, Entry } from '../chat.ts';
import type { Reactions } from '../reactions.ts';
import { Recent } from '../recent.ts';
import type { Answers, Audience } from './answers.ts';
import { pressedIn, reviewIn } from './buttons.ts';
import { REPORT_PICTURE, SHOW_RECIPE, USE_AS_INPUT } from './commands.ts';
import { asksForPrivacy, audienceOf, givenTo, meantBy, type Given, type Meant } from './fields.ts';
import { readForm } from './forms.ts';
import { helpLines } from './help.ts';
import { OpenForms } from './open-forms.ts';
import { commonOf, postOf, type Channels, type Common } from './people.ts';
import { brief } from './problems.ts';
import { focusedIn, suggestions } from './suggestions.ts';
import type { Whispers } from './whispers.ts';
import { joinLines } from './wording.ts';

/** Interactions that are remembered, so that one delivered twice is served once. */
const REMEMBERED = 1000;

export interface InteractionDeps {
  desk: Desk;
  answers: Answers;
  whispers: Whispers;
  cards: () => readonly ModelCard[];
  styles: () => readonly Style[];
  schedulers: readonly string[];
  reactions: Reactions;
  /** The bot's own user id. */
  self: () => string | undefined;
  channels: Channels;
  log: Logger;
}

export class Interactions {
  readonly #deps: InteractionDeps;
  readonly #seen = new Recent<true>(REMEMBERED);
  readonly #forms: OpenForms;

  constructor(deps: InteractionDeps) {
    this.#deps = deps;
    this.#forms = new OpenForms(deps);
  }

  async receive(interaction: APIInteraction): Promise<void> {
    if (this.#seen.has(interaction.id)) return;
    this.#seen.set(interaction.id, true);
    switch (interaction.type) {
      case InteractionType.ApplicationCommand:
        return this.#command(interaction);
      case InteractionType.ApplicationCommandAutocomplete:
        return this.#suggest(interaction);
      case InteractionType.MessageComponent:
        return this.#button(interaction);
      case InteractionType.ModalSubmit:
        return this.#form(interaction);
      case InteractionType.Ping:
    }
  }

  async #command(interaction: APIApplicationCommandInteraction): Promise<void> {
    switch (interaction.data.type) {
      case ApplicationCommandType.ChatInput:
        return this.#typed(interaction as APIChatInputApplicationCommandInteraction);
      case ApplicationCommandType.Message:
        return this.#menu(interaction as APIMessageApplicationCommandInteraction);
      case ApplicationCommandType.User:
      case ApplicationCommandType.PrimaryEntryPoint:
    }
  }

  #typed(interaction: APIChatInputApplicationCommandInteraction): Promise<void> {
    const { data } = interaction;
    return this.#settle(interaction, audienceOf(data), async (common) => {
      const meant = meantBy(data);
      if (meant !== 'help') return this.#deps.desk.serve({ ...common, ...meant });
      const pages = joinLines(helpLines(this.#deps.reactions));
      return this.#deps.whispers.show(common.by, pages, common.key);
    });
  }

  async #menu(interaction: APIMessageApplicationCommandInteraction): Promise<void> {
    const { name, target_id: id, resolved } = interaction.data;
    const target = resolved.messages[id];
    if (name === USE_AS_INPUT && target) return this.#forms.openInput(interaction, target);
    return this.#settle(interaction, 'one', async (common) => {
      const kind = menus[name];
      if (!kind) throw new UserError('I do not know that command any more. Try /help.');
      await this.#deps.desk.serve({ ...common, kind, post: postOf(common, id) });
    });
  }

  async #button(interaction: APIMessageComponentInteraction): Promise<void> {
    const { data, message } = interaction;
    const id = data.component_type === ComponentType.Button ? data.custom_id : '';
    const pressed = pressedIn(id);
    const reviewed = reviewIn(id);
    if (pressed?.action === 'remix') return this.#forms.openRemix(interaction);
    return this.#settle(interaction, undefined, async (common) => {
      const meant = pressed && meantByButton(pressed, postOf(common, message.id));
      if (meant) await this.#deps.desk.serve({ ...common, ...meant });
      if (reviewed) await this.#deps.desk.serve({ ...common, kind: 'review', ...reviewed });
    });
  }

  async #form(interaction: APIModalSubmitInteraction): Promise<void> {
    const filled = readForm(interaction.data);
    if (!filled) return;
    const audience = asksForPrivacy(filled.text) ? 'one' : 'all';
    return this.#settle(interaction, audience, async (common) => {
      await this.#deps.desk.serve({
        ...common,
        ...this.#forms.meantBy(filled, postOf(common, filled.message)),
      });
    });
  }

  async #suggest(interaction: APIApplicationCommandAutocompleteInteraction): Promise<void> {
    const { answers, cards, styles, schedulers } = this.#deps;
    const focused = focusedIn(givenTo({ options: interaction.data.options as Given[] }));
    const own = focused?.name === 'id' ? await this.#ownJobs(interaction) : [];
    const choices = suggestions(focused, { cards: cards(), styles: styles(), schedulers, own });
    await answers.respond(interaction, {
      type: Response.ApplicationCommandAutocompleteResult,
      data: { choices },
    });
  }

  async #ownJobs(interaction: APIInteraction): Promise<Entry[]> {
    const { own, recent } = await this.#deps.desk.overview(commonOf(interaction, this.#deps.channels).by);
    return [...own, ...recent];
  }

  /** Acknowledges, serves, tells a refusal to the person, and leaves no reply behind that nobody filled. */
  async #settle(
    interaction: APIInteraction,
    reply: Audience | undefined,
    serve: (common: Common) => Promise<void>,
  ): Promise<void> {
    const { answers, whispers, channels, log } = this.#deps;
    const common = commonOf(interaction, channels);
    const { by, place, key } = common;
    // Too late for Discord is not too late for the person: it is drawn, and comes as a message of its own.
    await answers
      .acknowledge(key, interaction, reply)
      .catch((error: unknown) =>
        log.warn({ err: brief(error), key }, 'an interaction could not be acknowledged'),
      );
    try {
      await serve(common);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      await whispers.say(by, place, error.message, key);
    } finally {
      await answers.dropReply(answers.of(key)); // answered elsewhere already
    }
  }
}

/** What entries of a message's menu mean, but for the one that opens a form. */
const menus: Readonly<Record<string, 'recipe' | 'report'>> = {
  [SHOW_RECIPE]: 'recipe',
  [REPORT_PICTURE]: 'report',
};

function meantByButton(
  { action, index }: { action: Action; index?: number },
  post: PostRef,
): Meant | undefined {
  switch (action) {
    case 'upscale':
      return { kind: action, post, ...(index !== undefined && { index }) };
    case 'vary':
    case 'pick':
      return { kind: action, post, index: index ?? 0 };
    case 'rerun':
    case 'cancel':
    case 'keep':
    case 'share':
    case 'report':
    case 'remove':
      return { kind: action, post };
    case 'remix': // opens a form
      return undefined;
  }
}
