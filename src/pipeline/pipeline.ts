// Text, or text and an image, to pictures: the loop of Ho et al. 2020 in the latent space of Rombach et al. 2022.
// Reads top to bottom: words and noise, the reverse process with guidance, decoding, PNG. What differs between families
// of models is in families/. Knows no jobs and no people.

import { begin, type Developing, type Shared } from './beginning.ts';
import type { Encoded, LatentShape } from './families/family.ts';
import { groupsOf, type Group, type Orders } from './groups.ts';
import { predictions, rowLimit, type RowLimit } from './guidance.ts';
import { decodeImage, encodePng } from './image-files.ts';
import { blend } from './mask.ts';
import { readModelFolder } from './model-folder.ts';
import type { NetworkOptions } from './onnx.ts';
import { openModel, type OpenModel } from './open-model.ts';
import { toBytes } from './planes.ts';
import type { Batch, Picture, PictureTask, RawImage, Step, Timing } from './picture.ts';
import { previewer, type Previewer } from './preview.ts';
import { publishedProjection } from './preview-factors.ts';
import { Canceled, ModelProblem } from './problems.ts';
import { provenanceOf, type Provenance } from './provenance.ts';
import { recipeTexts } from './recipe.ts';
import type { Grid } from './tiles.ts';

export interface Watch extends Orders {
  /** After every step of the reverse process, for each group that took part in it. */
  onStep?: (step: Step, group: number) => void;
  /** Whether step `index` (from 1) should carry previews; asked once a step. Default: every one when there is an onStep. */
  wantPreview?: (index: number) => boolean;
  /** After each picture that was prepared or decoded: a sign of life while there is no step to tell of. */
  onPulse?: () => void;
  /** A group is over, however long the others still take: its pictures, or undefined where it was canceled. */
  onEnd?: (group: number, generated: Generated | undefined) => void;
}

export interface Generated {
  /** One per wanted task, in the order of the tasks. Those of a canceled group are left out. */
  pictures: Picture[];
  timing: Timing;
  /** The steps that were done, when `finish` ended it before the last one; the most of them where groups differ. */
  stoppedAfter?: number;
}

export interface Pipeline {
  readonly device: string;
  /** Throws a ModelProblem where the model can not do what is asked, and Canceled. */
  generate(batch: Batch, watch?: Watch): Promise<Generated>;
  /** Closes its networks. Not while it generates; it can not be used afterwards. */
  close(): Promise<void>;
}

/** One task's picture before it becomes bytes: planes in [-1, 1]. */
export interface Drawn extends Grid {
  /** What was decoded: [channels, height, width] in the denoising network's scale. */
  latents: Float32Array;
  /** The steps it was stopped after by `finish`, when it was. */
  stop?: number;
}

/** Opens the folder. Throws a ModelProblem that names what is missing or wrong. */
export async function openPipeline(folder: string, options: NetworkOptions): Promise<Pipeline> {
  return new DiffusionPipeline(await openModel(readModelFolder(folder), options));
}

export class DiffusionPipeline implements Pipeline {
  readonly device: string;
  readonly #model: OpenModel;
  readonly #made: Provenance;
  readonly #unseeded: boolean;
  readonly #preview: Previewer;

  constructor(model: OpenModel) {
    const { family, latentChannels, preview } = model.folder;
    this.#model = model;
    this.#made = provenanceOf(model);
    this.#unseeded = model.autoencoder.unseeded;
    this.#preview = previewer(latentChannels, preview ?? publishedProjection(family, latentChannels));
    this.device = model.device;
  }

  async generate(batch: Batch, watch: Watch = {}): Promise<Generated> {
    const begun = performance.now();
    const runtimeBefore = this.#runtimeMs();
    const timing = (): Timing => ({
      totalMs: performance.now() - begun,
      runtimeMs: this.#runtimeMs() - runtimeBefore,
    });
    const ends: Generated[] = [];
    await this.#groups(batch, watch, async ({ index, canceled, tasks, stoppedAfter }, drawn) => {
      if (canceled) return watch.onEnd?.(index, undefined);
      const pictures = await Promise.all(tasks.map((task) => this.#picture(batch, task, drawn.get(task))));
      ends[index] = { pictures, timing: timing(), ...(stoppedAfter !== undefined && { stoppedAfter }) };
      watch.onEnd?.(index, ends[index]);
    });
    const drawn = Object.values(ends);
    if (drawn.length === 0) throw new Canceled();
    const early = drawn.flatMap((end) => end.stoppedAfter ?? []);
    const pictures = drawn.flatMap((end) => end.pictures);
    return { pictures, timing: timing(), ...(early.length > 0 && { stoppedAfter: Math.max(...early) }) };
  }

  /** The pictures of all tasks as numbers, before rounding. No task may have strength 0. */
  async draw(batch: Batch, watch: Watch = {}): Promise<{ drawn: Map<PictureTask, Drawn> }> {
    const all = new Map<PictureTask, Drawn>();
    await this.#groups(batch, watch, async (_, drawn) => {
      for (const [task, picture] of drawn) all.set(task, picture);
    });
    return { drawn: all };
  }

  async close(): Promise<void> {
    for (const network of this.#model.networks) await network.release();
  }

  #runtimeMs(): number {
    return this.#model.networks.reduce((sum, network) => sum + network.runtimeMs, 0);
  }

  #shapeOf({ width, height }: Batch): LatentShape {
    const { factor, latentChannels, card } = this.#model.folder;
    if (width % card.multipleOf || height % card.multipleOf)
      throw new ModelProblem(
        `Width and height must be multiples of ${card.multipleOf}, not ${width} x ${height}.`,
      );
    return { channels: latentChannels, height: height / factor, width: width / factor };
  }

  /** Latent places of a picture of the size that the model was made for. */
  #usualPlaces(): number {
    const { factor, card } = this.#model.folder;
    return (card.defaults.width * card.defaults.height) / factor ** 2;
  }

  /** Draws all groups, and hands each on as soon as it is over. */
  async #groups(
    batch: Batch,
    watch: Watch,
    over: (group: Group, drawn: Map<PictureTask, Drawn>) => Promise<void>,
  ): Promise<void> {
    const open = new Set(groupsOf(batch));
    const networks = [...open].some(({ tasks }) => tasks.some(needsNetworks));
    const shape = networks ? this.#shapeOf(batch) : undefined;
    const limit = shape && rowLimit(shape, this.#usualPlaces());
    const known = new Map<string, Encoded>();
    for (const group of open) if (shape) await this.#begin(group, batch, { shape, known }, watch);
    for (let i = 0, steps = 0; open.size > 0; i++) {
      for (const group of open) {
        if (!group.isOver(i)) group.obey(watch, i);
        if (!group.isOver(i)) continue;
        open.delete(group);
        const drawn = shape ? await this.#decode(group, shape, watch) : new Map<PictureTask, Drawn>();
        await over(group, drawn);
      }
      const active = [...open].filter((group) => group.activeAt(i).length > 0);
      if (!shape || !limit || active.length === 0) continue;
      const together = active.flatMap((group) => group.activeAt(i));
      await this.#step(together, i, batch, { shape, limit });
      this.#report(active, { i, index: ++steps }, shape, watch);
    }
  }

  async #begin(group: Group, batch: Batch, shared: Shared, watch: Watch): Promise<void> {
    const developing: Developing[] = [];
    for (const task of group.tasks.filter(needsNetworks)) {
      developing.push(await begin(this.#model, batch, task, shared));
      watch.onPulse?.();
    }
    group.begin(developing);
  }

  async #decode(group: Group, shape: LatentShape, watch: Watch): Promise<Map<PictureTask, Drawn>> {
    const drawn = new Map<PictureTask, Drawn>();
    for (const { task, scheduler, start, end, clean, latents } of group.developing) {
      if (watch.canceled?.(group.index)) {
        group.cancel();
        break;
      }
      const last = end < scheduler.timesteps.length ? clean : latents;
      const decoded = await this.#model.autoencoder.decode({ ...shape, data: last });
      const stop = group.stoppedAfter !== undefined && { stop: end - start };
      drawn.set(task, { ...decoded, latents: last, ...stop });
      watch.onPulse?.();
    }
    return drawn;
  }

  async #step(
    active: Developing[],
    i: number,
    batch: Batch,
    { shape, limit }: { shape: LatentShape; limit: RowLimit },
  ): Promise<void> {
    const { guidanceScale, guidanceRescale = 0 } = batch;
    // Pictures that were given other timesteps, as their strength can, have runs of their own.
    for (const timestep of new Set(active.map((d) => d.scheduler.timesteps[i]!))) {
      const together = active.filter((d) => d.scheduler.timesteps[i] === timestep);
      const steered = together.map((d) => ({
        latents: d.scheduler.scaleModelInput(d.latents, i),
        ...(d.extra && { extra: d.extra }),
        ...d.words.at(i - d.start),
      }));
      const moment = { timestep, guidanceScale, shape };
      const outputs = await predictions(this.#model.family, steered, moment, guidanceRescale, limit);
      together.forEach((d, n) => advance(d, outputs[n]!, i));
    }
  }

  #report(
    groups: readonly Group[],
    { i, index }: { i: number; index: number },
    shape: LatentShape,
    watch: Watch,
  ): void {
    if (!watch.onStep) return;
    const wanted = watch.wantPreview?.(index) ?? true;
    const { height, width } = shape;
    for (const group of groups) {
      const { done, of } = group.steps(i + 1);
      const previews = wanted && {
        previews: group.developing.map((d) => this.#preview(d.clean, height, width)),
      };
      watch.onStep({ index: done, of, ...previews }, group.index);
    }
  }

  async #picture(batch: Batch, task: PictureTask, drawn: Drawn | undefined): Promise<Picture> {
    const { width, height } = batch;
    const image = drawn ? toBytes(drawn) : await decodeImage(task.init!.bytes, width, height);
    return this.#finish(batch, task, image, drawn?.stop);
  }

  async #finish(
    batch: Batch,
    task: PictureTask,
    image: RawImage,
    stop: number | undefined = batch.stop,
  ): Promise<Picture> {
    const { tasks: _, groups: __, stop: _asked, ...params } = batch;
    const { init, ...asked } = task;
    const recipe = {
      ...params,
      ...(stop !== undefined && { stop }),
      ...asked,
      ...(init && { strength: init.strength }),
      ...(init?.mask && { masked: true }),
    };
    const flagged = await this.#model.safetyChecker?.flags(image);
    const encoded = needsNetworks(task) && (init !== undefined || this.#model.folder.extraChannels > 0);
    const made = { ...this.#made, ...(encoded && this.#unseeded && { unseeded: true as const }) };
    const png = await encodePng(image, recipeTexts(recipe, made));
    return { png, seed: task.seed, ...(flagged && { flagged: true as const }) };
  }
}

/** At strength 0 a picture is the image it starts from. */
const needsNetworks = ({ init }: PictureTask): boolean => init?.strength !== 0;

/** One step of one picture; what the mask keeps is put back at the next step's level of noise. */
function advance(d: Developing, output: Float32Array, i: number): void {
  const step = d.scheduler.step(output, i, d.latents, () => d.generator.randn(d.latents.length));
  d.latents = step.prev;
  d.clean = step.predictedClean;
  if (!d.kept) return;
  const { mask, original, noise } = d.kept;
  const last = i === d.scheduler.timesteps.length - 1;
  d.latents = blend(d.latents, last ? original : d.scheduler.addNoise(original, noise, i + 1), mask);
  d.clean = blend(d.clean, original, mask);
}
