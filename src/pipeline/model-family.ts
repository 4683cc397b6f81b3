// Which family of models a folder belongs to, by the pipeline class that its model_index.json names. Knows no files.

import { ModelProblem } from './problems.ts';

export type FamilyName = 'stable-diffusion' | 'sdxl' | 'sd3' | 'flux';

/** Pipeline classes without their maker (Onnx, ORT) and their task (Img2Img, Inpaint). */
const families: Readonly<Record<string, FamilyName>> = {
  StableDiffusion: 'stable-diffusion',
  LatentConsistencyModel: 'stable-diffusion',
  StableDiffusionXL: 'sdxl',
  StableDiffusion3: 'sd3',
  Flux: 'flux',
};

/** What files leave out: autoencoders are the family's, and old exports say nothing of them. */
export const usual: Readonly<
  Record<FamilyName, { channels: number; places: number; scaling: number; shift: number }>
> = {
  'stable-diffusion': { channels: 4, places: 64, scaling: 0.18215, shift: 0 },
  sdxl: { channels: 4, places: 128, scaling: 0.13025, shift: 0 },
  sd3: { channels: 16, places: 128, scaling: 1.5305, shift: 0.0609 },
  flux: { channels: 16, places: 128, scaling: 0.3611, shift: 0.1159 },
};

/** Text encoders that a family can not do without. */
export const requiredTexts: Readonly<Record<FamilyName, readonly string[]>> = {
  'stable-diffusion': ['text_encoder'],
  sdxl: ['text_encoder_2'],
  sd3: ['text_encoder', 'text_encoder_2'],
  flux: ['text_encoder', 'text_encoder_2'],
};

/** The class without its maker and its task: `StableDiffusionXL` of `ORTStableDiffusionXLInpaintPipeline`. */
export function baseOf(className: string): string {
  return className.replace(/^(Onnx|ORT)/, '').replace(/(Img2Img|Inpaint)?Pipeline(Legacy)?$/, '');
}

/** Of the pipeline class in a model_index.json. Throws a ModelProblem about `what` where it is of no family. */
export function familyOf(className: string, what: string): FamilyName {
  const family = families[baseOf(className)];
  if (family) return family;
  throw new ModelProblem(
    `${what} is a ${className}, which is not supported yet: ${Object.keys(families).join(', ')} are.`,
  );
}
