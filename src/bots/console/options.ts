// The flags of "/imagine …" as the page's autocomplete wants them. Limits that differ from model to model are not
// here: the page takes them from the model cards.

import { flags } from '../../core/prompt-line.ts';

export interface OptionHint {
  flag: string;
  /** What to type after it, in a word or two. */
  takes: string;
  /** One line. */
  description: string;
  /** The only values it can have. */
  values?: readonly string[];
}

export function optionHints(schedulers: readonly string[], models: readonly string[]): OptionHint[] {
  const values: Record<string, readonly string[]> = {
    scheduler: schedulers,
    model: models,
    n: ['1', '2', '3', '4'],
  };
  return flags.map(({ name, value, description }) => ({
    flag: `--${name}`,
    takes: value,
    description,
    ...(values[name] ? { values: values[name] } : {}),
  }));
}
