// What is suggested while people fill in a command's field. Knows nothing of what the values mean.

import type { APIApplicationCommandOptionChoice } from 'discord.js';
import type { Style } from '../../core/styles.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';
import type { Entry } from '../chat.ts';
import { MAX_CHOICES } from './commands.ts';
import type { Given } from './fields.ts';
import { shorten } from './wording.ts';

const MAX_CHOICE = 100; // characters

/** What suggestions are made of. */
export interface Choices {
  cards: readonly ModelCard[];
  styles: readonly Style[];
  schedulers: readonly string[];
  /** The person's own jobs. */
  own: readonly Entry[];
}

export const focusedIn = (given: readonly Given[]): Given | undefined =>
  given.find((option) => 'focused' in option && option.focused);

/** What fits what has been typed so far into the field in focus. */
export function suggestions(
  focused: Given | undefined,
  choices: Choices,
): APIApplicationCommandOptionChoice<string>[] {
  const written = String(focused?.value ?? '');
  // Of several names the last one is being typed.
  const before = focused?.name === 'names' ? /^(?:.*[,\s])?/su.exec(written)![0] : '';
  const typed = written.slice(before.length).toLowerCase();
  return offered(focused?.name, choices)
    .filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(typed))
    .slice(0, MAX_CHOICES)
    .map(({ name, value }) => ({
      name: shorten(before + name, MAX_CHOICE),
      value: before + value,
    }))
    .filter(({ value }) => value.length <= MAX_CHOICE);
}

function offered(field: string | undefined, { cards, styles, schedulers, own }: Choices): Choice[] {
  const described = ({ name, description }: { name: string; description: string }): Choice => ({
    name: description ? `${name}: ${description}` : name,
    value: name,
  });
  switch (field ?? '') {
    case 'model':
    case 'names':
      return cards.map(described);
    case 'style':
      return styles.map(described);
    case 'scheduler':
      return schedulers.map((name) => ({ name, value: name }));
    case 'id':
      return own.map(({ jobId, prompt, headline }) => ({
        name: `${shorten(prompt, MAX_CHOICE - 40)} · ${headline}`,
        value: jobId,
      }));
    default:
      return [];
  }
}

interface Choice {
  name: string;
  value: string;
}
