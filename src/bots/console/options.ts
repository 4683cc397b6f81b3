// The commands and flags as the page's autocomplete wants them. Limits that differ from model to model are not here:
// the page takes them from the model cards.

import { flags } from '../../core/prompt-line.ts';
import type { Style } from '../../core/styles.ts';
import type { ModelCard } from '../../pipeline/model-card.ts';

export interface OptionHint {
  flag: string;
  /** What to type after it, in a word or two; a switch takes nothing. */
  takes?: string;
  /** One line. */
  description: string;
  /** The only values it can have. */
  values?: readonly { value: string; note: string }[];
}

export interface Known {
  schedulers: readonly string[];
  cards: readonly ModelCard[];
  styles: readonly Style[];
}

export function optionHints({ schedulers, cards, styles }: Known): OptionHint[] {
  const bare = (value: string): { value: string; note: string } => ({ value, note: '' });
  const values: Record<string, OptionHint['values']> = {
    scheduler: schedulers.map(bare),
    model: cards.map(({ name, description }) => ({ value: name, note: description })),
    style: styles.map(({ name, description }) => ({ value: name, note: description })),
    n: ['1', '2', '3', '4'].map(bare),
  };
  return flags.map(({ name, value, description }) => ({
    flag: `--${name}`,
    ...(value !== undefined && { takes: value }),
    description,
    ...(values[name] && { values: values[name] }),
  }));
}
