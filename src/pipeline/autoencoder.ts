// Between pixels and latents: a folder's encoder and decoder with their scales, in tiles where a picture is very large.
// Source: Rombach et al., "High-Resolution Image Synthesis with Latent Diffusion Models" (2022).

import type { LatentScale } from './model-config.ts';
import { drawsInside } from './model-files.ts';
import type { Network } from './onnx.ts';
import { ModelProblem } from './problems.ts';
import type { TorchGenerator } from './random.ts';
import { inTiles, type Grid } from './tiles.ts';

interface AutoencoderParts {
  decoder: Network;
  decoderScale: LatentScale;
  /** Absent where the folder has none: then nothing can be encoded. */
  encoder?: Network;
  encoderScale: LatentScale;
  /** Pixels a side per latent place. */
  factor: number;
  /** Latent places a side of a tile: the size it was made for. */
  tile: number;
  /** Pictures of more pixels are taken in tiles. */
  tileAbove?: number;
}

/** In one piece larger pictures would need more than ten gigabytes. */
const TILE_ABOVE = 1280 * 1280;

export class Autoencoder {
  readonly #parts: AutoencoderParts;

  constructor(parts: AutoencoderParts) {
    this.#parts = parts;
  }

  /** The same, with tiles for pictures of more than so many pixels. */
  tiledAbove(pixels: number): Autoencoder {
    return new Autoencoder({ ...this.#parts, tileAbove: pixels });
  }

  /**
   * From latents [channels, height, width] in the denoising network's scale to planes [3, height * factor,
   * width * factor] in [-1, 1], a little beyond where the decoder overshoots. Throws a ModelProblem where the decoder's
   * numbers are not finite or the runtime refuses.
   */
  async decode(latents: Grid): Promise<Grid> {
    const { decoder, decoderScale, factor, tile } = this.#parts;
    const planes = await this.#run(
      (part) => oneRun(decoder, 'latent_sample', part),
      { ...latents, data: unscaled(latents.data, decoderScale) },
      latents.width * latents.height * factor ** 2,
      tile,
    );
    if (Number.isFinite(planes.data.reduce((sum, value) => sum + value, 0))) return planes;
    throw new ModelProblem(
      `${decoder.file} gave numbers that are not finite: some autoencoders do so in float16. Take one in float32, or one that was repaired for float16.`,
    );
  }

  /**
   * From planes [3, height, width] in [-1, 1], whose sides are multiples of `factor`, to latents [channels,
   * height / factor, width / factor] in the denoising network's scale: a sample of the encoder's Gaussian, mean +
   * deviation * noise, as many numbers drawn from the picture's generator as there are latents, in diffusers' order.
   * Throws a ModelProblem where there is no encoder or the runtime refuses.
   * Source: Kingma & Welling, "Auto-Encoding Variational Bayes" (2014), section 2.4.
   */
  async encode(planes: Grid, generator: TorchGenerator): Promise<Float32Array> {
    const { encoderScale, factor, tile } = this.#parts;
    const encoder = this.#encoder();
    const output = encoder.outputs.includes('latent_parameters') ? 'latent_parameters' : undefined;
    const { data } = await this.#run(
      (part) => oneRun(encoder, 'sample', part, output),
      planes,
      planes.width * planes.height,
      tile * factor,
    );
    // Older exports draw inside the graph, and small autoencoders draw nothing.
    return scaled(output ? sampled(data, generator) : data, encoderScale);
  }

  /** Whether the encoder's graph draws the sample, so that no seed decides it. */
  get unseeded(): boolean {
    const { encoder } = this.#parts;
    return (
      encoder !== undefined && !encoder.outputs.includes('latent_parameters') && drawsInside(encoder.file)
    );
  }

  /** Draws what `encode` would draw, so that the generator's next numbers are diffusers'. */
  skipEncoding(generator: TorchGenerator, count: number): void {
    if (this.#encoder().outputs.includes('latent_parameters')) generator.randn(count);
  }

  #encoder(): Network {
    if (this.#parts.encoder) return this.#parts.encoder;
    throw new ModelProblem(
      'This model has no vae_encoder, so it can not start from an image: export that part too.',
    );
  }

  #run(run: (part: Grid) => Promise<Grid>, whole: Grid, pixels: number, tile: number): Promise<Grid> {
    return pixels <= (this.#parts.tileAbove ?? TILE_ABOVE) ? run(whole) : inTiles(run, whole, tile);
  }
}

async function oneRun(network: Network, input: string, part: Grid, output?: string): Promise<Grid> {
  const dims = [1, part.channels, part.height, part.width];
  const out = await network.run({ [input]: { data: part.data, dims } }, output ? [output] : undefined);
  const { data, dims: size } = Object.values(out)[0]!;
  return { data, channels: size[1]!, height: size[2]!, width: size[3]! };
}

/** `moments` are the means and, behind them, the logarithms of the variances. */
function sampled(moments: Float32Array, generator: TorchGenerator): Float32Array {
  const half = moments.length / 2;
  return generator.randn(half).map((noise, i) => {
    const logVariance = Math.max(-30, Math.min(20, moments[half + i]!));
    return moments[i]! + Math.exp(0.5 * logVariance) * noise;
  });
}

function scaled(latents: Float32Array, { scaling, shift, statistics }: LatentScale): Float32Array {
  if (!statistics) return latents.map((z) => (z - shift) * scaling);
  const channel = channelOf(latents, statistics.mean.length);
  return latents.map(
    (z, i) => ((z - statistics.mean[channel(i)]!) * scaling) / statistics.deviation[channel(i)]!,
  );
}

function unscaled(latents: Float32Array, { scaling, shift, statistics }: LatentScale): Float32Array {
  if (!statistics) return latents.map((z) => z / scaling + shift);
  const channel = channelOf(latents, statistics.mean.length);
  return latents.map(
    (z, i) => (z * statistics.deviation[channel(i)]!) / scaling + statistics.mean[channel(i)]!,
  );
}

const channelOf = (latents: Float32Array, channels: number): ((i: number) => number) => {
  const area = latents.length / channels;
  return (i) => Math.floor(i / area);
};
