// The first run of a network at a size is slow on a GPU: the runtime tries its algorithms out. It is done before
// anyone waits for a picture.

import type { ModelCard } from '../pipeline/model-card.ts';
import type { Batch } from '../pipeline/picture.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { ModelProblem } from '../pipeline/problems.ts';

/** One step at the model's own size. What the model refuses here is for its first real batch to tell. */
export async function warmUp(pipeline: Pipeline, card: ModelCard): Promise<void> {
  try {
    await pipeline.generate(firstBatch(card));
  } catch (error) {
    if (!(error instanceof ModelProblem)) throw error;
  }
}

function firstBatch({ name, defaults }: ModelCard): Batch {
  const { width, height, steps, guidanceScale, scheduler } = defaults;
  const task = { prompt: '', negativePrompt: '', seed: 0 };
  return { model: name, width, height, steps, guidanceScale, scheduler, stop: 1, tasks: [task] };
}
