// Which text is active at which step, so that the text encoder runs once for each different text and no more often.

import { composedParts } from './composition.ts';
import { parseSchedule, textAt } from './schedule.ts';

/** One part of a prompt over all steps. */
export interface PlannedPart {
  /** Its share of the guidance: guided = free + scale * sum of weight * (output - free). */
  weight: number;
  /** The text of each step, weights and `BREAK` still in it; as many as there are steps. */
  texts: string[];
}

/** The parts between `AND`, at least one; `steps` is a whole number from 1 on. */
export function planPrompt(prompt: string, steps: number): PlannedPart[] {
  return composedParts(prompt).map(({ text, weight }) => ({ weight, texts: texts(text, steps) }));
}

/** A negative prompt is one part: `AND` is a word in it. */
export function planNegative(prompt: string, steps: number): PlannedPart {
  return { weight: 1, texts: texts(prompt, steps) };
}

/** What the text encoder has to read, each text once, in the order of first use. */
export function differentTexts(parts: readonly PlannedPart[]): string[] {
  return [...new Set(parts.flatMap((part) => part.texts))];
}

function texts(prompt: string, steps: number): string[] {
  const schedule = parseSchedule(prompt);
  return Array.from({ length: steps }, (_, i) => textAt(schedule, i + 1, steps));
}
