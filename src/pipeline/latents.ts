// Between pixels in [0, 255] and the autoencoder's latents. Shapes are [batch, channels, height, width].

import { ModelProblem } from './problems.ts';
import type { RawImage } from './picture.ts';
import type { ModelFolder } from './model-folder.ts';
import type { Network } from './onnx.ts';
import type { TorchGenerator } from './random.ts';

/** One image as the encoder takes it: [1, 3, H, W] in [-1, 1]. */
function toPlanes({ width, height, data }: RawImage): Float32Array {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) planes[c * area + i] = data[3 * i + c]! / 127.5 - 1;
  return planes;
}

function toBytes(planes: Float32Array, offset: number, width: number, height: number): RawImage {
  const area = width * height;
  const data = new Uint8Array(3 * area);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < area; i++) {
      const value = Math.round((planes[offset + c * area + i]! + 1) * 127.5);
      data[3 * i + c] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
  return { width, height, data };
}

/** A sample of the encoder's Gaussian in the network's scale, as diffusers draws it for image to image. */
export async function encodeToLatents(
  encoder: Network,
  image: RawImage,
  folder: ModelFolder,
  generator: TorchGenerator,
): Promise<Float32Array> {
  const sample = { data: toPlanes(image), dims: [1, 3, image.height, image.width] };
  const out = await encoder.run({ sample });
  const { scalingFactor, shiftFactor } = folder;
  const scaled = (z: number): number => (z - shiftFactor) * scalingFactor;
  const sampled = out['latent_sample']; // older exports draw inside the graph
  if (sampled) return sampled.data.map(scaled);
  const moments = out['latent_parameters'];
  if (!moments) throw new ModelProblem(`${folder.files.vaeEncoder} gives no latent_parameters.`);
  const half = moments.data.length / 2;
  const noise = generator.randn(half);
  return noise.map((n, i) => {
    const logVariance = Math.max(-30, Math.min(20, moments.data[half + i]!));
    return scaled(moments.data[i]! + Math.exp(0.5 * logVariance) * n);
  });
}

/** Decodes all latents in one run of the network. */
export async function decodeLatents(
  decoder: Network,
  latents: Float32Array[],
  shape: { channels: number; height: number; width: number },
  folder: ModelFolder,
): Promise<RawImage[]> {
  const each = latents[0]!.length;
  const data = new Float32Array(latents.length * each);
  latents.forEach((z, n) => {
    for (let i = 0; i < each; i++) data[n * each + i] = z[i]! / folder.scalingFactor + folder.shiftFactor;
  });
  const dims = [latents.length, shape.channels, shape.height, shape.width];
  const out = Object.values(await decoder.run({ latent_sample: { data, dims } }))[0]!;
  const [, , height, width] = out.dims as [number, number, number, number];
  return latents.map((_, n) => toBytes(out.data, n * 3 * width * height, width, height));
}
