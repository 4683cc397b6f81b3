// What a network is told to draw, in plain words, whatever the prompt language hides it in: schedules, alternations,
// weights and backslashes resolved, at every step.

import { ModelProblem } from '../../pipeline/problems.ts';
import { planNegative, planPrompt } from '../../pipeline/prompt/plan.ts';
import { weightedSpans } from '../../pipeline/prompt/weights.ts';
import type { JobParams } from '../../queue/job.ts';
import { UserError } from '../user-error.ts';

/** Several prompts composed into one: then guidance can turn a negative prompt into what is drawn. */
const AND = /(?<![\p{L}\p{N}_])AND(?![\p{L}\p{N}_])/u;

/** The prompt as typed and as read at each step; the negative one where it does not push away. */
export function drawnTexts({
  prompt,
  negativePrompt,
  steps,
}: Pick<JobParams, 'prompt' | 'negativePrompt' | 'steps'>): string[] {
  const composed = AND.test(prompt);
  const own = [planNegative(prompt, steps), ...(composed ? partsOf(prompt, steps) : [])];
  const away = planNegative(negativePrompt, steps).texts;
  const attracts = composed || away.some(isInverted);
  const texts = [...own.flatMap((part) => part.texts), ...(attracts ? away : [])];
  return [...new Set([prompt, ...[...new Set(texts)].map(bare)])];
}

function partsOf(prompt: string, steps: number): ReturnType<typeof planPrompt> {
  try {
    return planPrompt(prompt, steps);
  } catch (error) {
    throw error instanceof ModelProblem ? new UserError(error.message, { cause: error }) : error;
  }
}

const bare = (text: string): string =>
  weightedSpans(text)
    .map((span) => (span.kind === 'text' ? span.text : ' '))
    .join('');

const isInverted = (text: string): boolean =>
  weightedSpans(text).some((span) => span.kind === 'text' && span.weight < 0);
