// Named styles: words that are wrapped around a person's prompt, so that many can ask for one look. They are spent
// when the request is accepted: the job's row holds the words, and its recipe needs no style to be drawn again.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from './user-error.ts';

const Styles = z.array(
  z.strictObject({
    /** As people type it. */
    name: z.string().regex(/^[\w-]{1,50}$/),
    description: z.string().max(100).default(''),
    /** `{prompt}` is where the person's own words go. */
    prompt: z.string().max(1000).includes('{prompt}'),
    negativePrompt: z.string().max(1000).optional(),
  }),
);

export type Style = z.infer<typeof Styles>[number];

/** The styles in styles.json; none where there is no such file. Throws a UserError for one that can not be read. */
export function readStyles(modelsDir: string): Style[] {
  const file = path.join(modelsDir, 'styles.json');
  if (!existsSync(file)) return [];
  try {
    return Styles.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new UserError(`${file} is not a list of styles: ${why}`, { cause: error });
  }
}

/** The prompt and the negative prompt in a style. Throws a UserError for a style that is not there. */
export function inStyle(
  asked: { prompt: string; negativePrompt?: string; style?: string },
  styles: readonly Style[],
): { prompt: string; negativePrompt?: string } {
  const { style: name, prompt, negativePrompt } = asked;
  const said = { prompt, ...(negativePrompt !== undefined && { negativePrompt }) };
  if (name === undefined || !prompt.trim()) return said;
  const style = styles.find((s) => s.name.toLowerCase() === name.toLowerCase());
  if (!style) {
    const names = styles.map((s) => s.name).join(', ');
    throw new UserError(
      names ? `There is no style "${name}". You can use: ${names}.` : 'There are no styles here.',
    );
  }
  const negative = [negativePrompt, style.negativePrompt].filter(Boolean).join(', ');
  return {
    prompt: style.prompt.replace('{prompt}', () => prompt.trim()),
    ...(negative && { negativePrompt: negative }),
  };
}
