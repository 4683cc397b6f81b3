import type { ModelCard } from '../../src/pipeline/model-card.ts';

/** A model that draws many sizes, and one that draws one. */
export const flexible: ModelCard = {
  name: 'flexible',
  title: 'Flexible',
  description: '',
  multipleOf: 8,
  minSize: 64,
  maxSize: 1024,
  maxSteps: 100,
  imageToImage: true,
  upscale: { factor: 2, strength: 0.35 },
  defaults: {
    width: 512,
    height: 512,
    steps: 20,
    guidanceScale: 7.5,
    scheduler: 'ddim',
    negativePrompt: 'blur',
  },
};

const { upscale: _, ...plain } = flexible;

export const fixed: ModelCard = {
  ...plain,
  name: 'fixed',
  multipleOf: 128,
  minSize: 128,
  maxSize: 128,
  imageToImage: false,
  defaults: { ...flexible.defaults, width: 128, height: 128, negativePrompt: '' },
};

/** One like that of the model that ships. */
export const emojiCard: ModelCard = {
  name: 'emoji',
  title: 'Emoji',
  description: 'Small icons from words',
  multipleOf: 32,
  minSize: 128,
  maxSize: 128,
  maxSteps: 200,
  imageToImage: true,
  defaults: {
    width: 128,
    height: 128,
    steps: 25,
    guidanceScale: 5,
    scheduler: 'ddim',
    negativePrompt: '',
  },
};
