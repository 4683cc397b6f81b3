// Asks a folder's safety checker about finished pictures. It only tells: the pixels stay as they are.
// Source: the checker of Stable Diffusion 1 and CLIP's image preprocessing, as transformers has it.

import { z } from 'zod';
import { readOptionalJson } from './model-files.ts';
import type { Network } from './onnx.ts';
import type { RawImage } from './picture.ts';
import { bicubic, cover } from './resize.ts';

const Preprocessor = z.looseObject({
  crop_size: z.union([z.number(), z.looseObject({ height: z.number() })]).optional(),
  image_mean: z.array(z.number()).length(3).optional(),
  image_std: z.array(z.number()).length(3).optional(),
});

export interface SafetyFiles {
  network: string;
  /** feature_extractor/preprocessor_config.json, which old folders lack. */
  preprocessor: string;
}

export interface SafetyChecker {
  /** Whether it takes the picture, of any size, for one that not everybody should see. */
  flags(image: RawImage): Promise<boolean>;
}

/** Throws a ModelProblem where the network can not be opened or its preprocessing is not what it should be. */
export async function openSafetyChecker(
  files: SafetyFiles,
  open: (file: string) => Promise<Network>,
): Promise<SafetyChecker> {
  const network = await open(files.network);
  const config = readOptionalJson(files.preprocessor, Preprocessor) ?? {};
  const { crop_size: crop = 224 } = config;
  const side = typeof crop === 'number' ? crop : crop.height;
  // CLIP's own statistics.
  const mean = config.image_mean ?? [0.48145466, 0.4578275, 0.40821073];
  const deviation = config.image_std ?? [0.26862954, 0.26130258, 0.27577711];
  return {
    async flags(image) {
      const small = cover(image, side, side, bicubic);
      const area = side * side;
      const seen = Float32Array.from({ length: 3 * area }, (_, i) => {
        const c = Math.floor(i / area);
        return (small.data[3 * (i % area) + c]! / 255 - mean[c]!) / deviation[c]!;
      });
      const { has_nsfw_concepts: flagged } = await network.run(
        {
          clip_input: { data: seen, dims: [1, 3, side, side] },
          images: {
            data: Float32Array.from(image.data, (v) => v / 255),
            dims: [1, image.height, image.width, 3],
          },
        },
        ['has_nsfw_concepts'],
      );
      return flagged!.data[0] !== 0;
    },
  };
}
