// Text, or text and an image, to pictures: the loop of Ho et al. 2020 in the latent space of Rombach et al. 2022.
// Reads top to bottom: words, noise, the reverse process with guidance, decoding, PNG. Knows no jobs and no people.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { decodeImage, encodePng } from './image-files.ts';
import { decodeLatents, encodeToLatents } from './latents.ts';
import { denoise, type LatentShape, type Words } from './denoiser.ts';
import { readModelFolder, type ModelFolder } from './model-folder.ts';
import { openNetwork, type Network, type NetworkOptions } from './onnx.ts';
import { previewer, type Previewer } from './preview.ts';
import { Canceled, ModelProblem } from './problems.ts';
import { TorchGenerator } from './random.ts';
import { recipeTexts } from './recipe.ts';
import { createScheduler, UnsupportedScheduler, type Scheduler } from './schedulers/index.ts';
import { openTokenizer, type PromptTokenizer } from './tokenizer.ts';
import { version } from './version.ts';
import type { Batch, Picture, PictureTask, RawImage, Step, Timing } from './picture.ts';

export interface Watch {
  /** After every step of the reverse process. */
  onStep?: (step: Step) => void;
  /** Whether step `index` (from 1) should carry previews. Default: every one when there is an onStep. */
  wantPreview?: (index: number) => boolean;
  /** Asked before every step; true ends the batch with `Canceled`. */
  canceled?: () => boolean;
}

export interface Pipeline {
  readonly device: string;
  generate(batch: Batch, watch?: Watch): Promise<{ pictures: Picture[]; timing: Timing }>;
}

/** A picture on its way. Each has its own generator and scheduler, so neighbours in the batch can not touch it. */
interface Developing {
  task: PictureTask;
  generator: TorchGenerator;
  scheduler: Scheduler;
  /** The first step it takes part in: 0, or later when it starts from an image. */
  start: number;
  latents: Float32Array;
  clean: Float32Array;
  prompt: Words;
  negative: Words;
}

interface Networks {
  textEncoder: Network;
  unet: Network;
  vaeDecoder: Network;
  vaeEncoder?: Network;
}

export async function openPipeline(folder: string, options: NetworkOptions): Promise<Pipeline> {
  const model = readModelFolder(folder);
  const tokenizer = openTokenizer(model.tokenizerDir);
  const open = (file: string): Promise<Network> => openNetwork(file, options);
  const { files } = model;
  const networks: Networks = {
    textEncoder: await open(files.textEncoder),
    unet: await open(files.unet),
    vaeDecoder: await open(files.vaeDecoder),
    ...(files.vaeEncoder && { vaeEncoder: await open(files.vaeEncoder) }),
  };
  const modelHash = await sha256(files.unet);
  return new TextToImage(model, tokenizer, networks, { modelHash, device: options.device });
}

class TextToImage implements Pipeline {
  readonly device: string;
  readonly #model: ModelFolder;
  readonly #tokenizer: PromptTokenizer;
  readonly #networks: Networks;
  readonly #modelHash: string;
  readonly #preview: Previewer;

  constructor(
    model: ModelFolder,
    tokenizer: PromptTokenizer,
    networks: Networks,
    made: { modelHash: string; device: string },
  ) {
    this.#model = model;
    this.#tokenizer = tokenizer;
    this.#networks = networks;
    this.#modelHash = made.modelHash;
    this.#preview = previewer(model.latentChannels, model.preview);
    this.device = made.device;
  }

  async generate(batch: Batch, watch: Watch = {}): Promise<{ pictures: Picture[]; timing: Timing }> {
    const begun = performance.now();
    const runtimeBefore = this.#runtimeMs();
    const shape = this.#shapeOf(batch);
    const developing = await this.#begin(batch, shape);
    await this.#reverse(developing, batch, shape, watch);
    const images = await decodeLatents(
      this.#networks.vaeDecoder,
      developing.map((d) => d.latents),
      shape,
      this.#model,
    );
    const pictures = await Promise.all(developing.map((d, i) => this.#finish(batch, d.task, images[i]!)));
    const timing = { totalMs: performance.now() - begun, runtimeMs: this.#runtimeMs() - runtimeBefore };
    return { pictures, timing };
  }

  #runtimeMs(): number {
    return Object.values(this.#networks).reduce((sum, n: Network) => sum + n.runtimeMs, 0);
  }

  #shapeOf({ width, height }: Batch): LatentShape {
    const { factor, latentChannels, card } = this.#model;
    if (width % card.multipleOf || height % card.multipleOf)
      throw new ModelProblem(
        `Width and height must be multiples of ${card.multipleOf}, not ${width} x ${height}.`,
      );
    return { channels: latentChannels, height: height / factor, width: width / factor };
  }

  /** Everything before the first step: words, noise, and images to start from. */
  async #begin(batch: Batch, shape: LatentShape): Promise<Developing[]> {
    const words = await this.#encode(batch.tasks.flatMap((t) => [t.prompt, t.negativePrompt]));
    const developing: Developing[] = [];
    for (const task of batch.tasks) {
      const generator = new TorchGenerator(task.seed);
      const scheduler = this.#plan(batch);
      const { start, latents } = await this.#startingPoint(task, batch, shape, generator, scheduler);
      const [prompt, negative] = [words.get(task.prompt)!, words.get(task.negativePrompt)!];
      developing.push({ task, generator, scheduler, start, latents, clean: latents, prompt, negative });
    }
    return developing;
  }

  #plan({ steps, scheduler }: Batch): Scheduler {
    try {
      return createScheduler(this.#model.scheduler, steps, { className: scheduler });
    } catch (error) {
      if (error instanceof UnsupportedScheduler || error instanceof RangeError)
        throw new ModelProblem(error.message, { cause: error });
      throw error;
    }
  }

  async #startingPoint(
    task: PictureTask,
    batch: Batch,
    shape: LatentShape,
    generator: TorchGenerator,
    scheduler: Scheduler,
  ): Promise<{ start: number; latents: Float32Array }> {
    const size = shape.channels * shape.height * shape.width;
    const { init } = task;
    if (!init) {
      const sigma = scheduler.initNoiseSigma;
      return { start: 0, latents: generator.randn(size).map((v) => v * sigma) };
    }
    const { vaeEncoder } = this.#networks;
    if (!vaeEncoder)
      throw new ModelProblem(
        `The model ${batch.model} has no vae_encoder, so it can not start from an image.`,
      );
    const of = scheduler.timesteps.length;
    const start = of - Math.max(1, Math.min(of, Math.floor(of * init.strength)));
    const image = await decodeImage(init.bytes, batch.width, batch.height);
    const clean = await encodeToLatents(vaeEncoder, image, this.#model, generator);
    return { start, latents: scheduler.addNoise(clean, generator.randn(size), start) };
  }

  async #reverse(developing: Developing[], batch: Batch, shape: LatentShape, watch: Watch): Promise<void> {
    const { timesteps } = developing[0]!.scheduler;
    const first = Math.min(...developing.map((d) => d.start));
    for (let i = first; i < timesteps.length; i++) {
      if (watch.canceled?.()) throw new Canceled();
      const active = developing.filter((d) => d.start <= i);
      const noisy = active.map((d) => ({ ...d, latents: d.scheduler.scaleModelInput(d.latents, i) }));
      const outputs = await denoise(this.#networks.unet, noisy, timesteps[i]!, batch.guidanceScale, shape);
      active.forEach((d, n) => {
        const step = d.scheduler.step(outputs[n]!, i, d.latents, () => d.generator.randn(d.latents.length));
        d.latents = step.prev;
        d.clean = step.predictedClean;
      });
      this.#report(developing, i + 1 - first, timesteps.length - first, shape, watch);
    }
  }

  #report(developing: Developing[], index: number, of: number, shape: LatentShape, watch: Watch): void {
    if (!watch.onStep) return;
    const wanted = watch.wantPreview?.(index) ?? true;
    const { height, width } = shape;
    const previews = wanted && { previews: developing.map((d) => this.#preview(d.clean, height, width)) };
    watch.onStep({ index, of, ...previews });
  }

  /** Hidden states of each different text. Each is encoded alone, so a text's numbers do not depend on its neighbours. */
  async #encode(texts: string[]): Promise<Map<string, Words>> {
    const { textEncoder } = this.#networks;
    const words = new Map<string, Words>();
    for (const text of new Set(texts)) {
      const { ids } = this.#tokenizer.encode(text);
      const out = await textEncoder.run({ input_ids: { data: ids, dims: [1, ids.length] } });
      const hidden = out['last_hidden_state'] ?? Object.values(out)[0]!;
      const [, tokens, width] = hidden.dims as [number, number, number];
      words.set(text, { data: hidden.data, tokens, width });
    }
    return words;
  }

  async #finish(batch: Batch, task: PictureTask, image: RawImage): Promise<Picture> {
    const { tasks: _, ...params } = batch;
    const { init, ...asked } = task;
    const recipe = { ...params, ...asked, ...(init && { strength: init.strength }) };
    const texts = recipeTexts(recipe, { version, modelHash: this.#modelHash, device: this.device });
    return { png: await encodePng(image, texts), seed: task.seed };
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Buffer);
  return hash.digest('hex');
}
