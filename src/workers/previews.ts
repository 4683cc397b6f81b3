// Turns the small raw previews of a batch into one JPEG, beside the pipeline and never in its way.

import type { RawImage, Step } from '../pipeline/picture.ts';
import type { PreviewImage, Progress } from './protocol.ts';

/** The pictures in one, two in a row: 1, 2x1 or 2x2. An empty place is mid-grey. */
export function tile(images: RawImage[]): RawImage {
  const [first] = images;
  if (!first) throw new Error('no previews to put together');
  const { width, height } = first;
  const columns = Math.min(2, images.length);
  const rows = Math.ceil(images.length / columns);
  const data = new Uint8Array(width * columns * height * rows * 3).fill(128);
  images.forEach((image, i) => {
    if (image.width !== width || image.height !== height || image.data.length !== width * height * 3)
      throw new Error(`preview ${i} is not ${width} x ${height} pixels of RGB`);
    const [left, top] = [(i % columns) * width, Math.floor(i / columns) * height];
    for (let y = 0; y < height; y++) {
      const row = image.data.subarray(y * width * 3, (y + 1) * width * 3);
      data.set(row, ((top + y) * width * columns + left) * 3);
    }
  });
  return { width: width * columns, height: height * rows, data };
}

export async function encodePreview(images: RawImage[]): Promise<PreviewImage> {
  const { data, width, height } = tile(images);
  const { default: sharp } = await import('sharp'); // with the first preview: a host is ready sooner without it
  sharp.concurrency(1); // previews are small, and the cores belong to the pipelines
  // Full chroma: at this size, halving it would smear the colours over each other.
  const jpeg = sharp(data, { raw: { width, height, channels: 3 } }).jpeg({
    quality: 80,
    chromaSubsampling: '4:4:4',
  });
  return { bytes: new Uint8Array(await jpeg.toBuffer()), type: 'image/jpeg' };
}

/** Reports every step at once, and its preview when it is encoded. While one is encoded only the newest waits. */
export class ProgressReport {
  readonly #send: (progress: Progress) => void;
  readonly #complain: (error: unknown) => void;
  readonly #encode: typeof encodePreview;
  #now = { step: 0, of: 0 };
  #next: RawImage[] | undefined;
  #encoding = false;
  #over = false;

  constructor(
    send: (progress: Progress) => void,
    complain: (error: unknown) => void,
    encode: typeof encodePreview = encodePreview,
  ) {
    this.#send = send;
    this.#complain = complain;
    this.#encode = encode;
  }

  step({ index, of, previews }: Step): void {
    if (this.#over) return;
    this.#now = { step: index, of };
    this.#send(this.#now);
    if (!previews) return;
    this.#next = previews;
    if (!this.#encoding) void this.#work();
  }

  /** The result is there: what is not encoded by now is not worth waiting for. */
  end(): void {
    this.#over = true;
  }

  async #work(): Promise<void> {
    this.#encoding = true;
    while (this.#next && !this.#over) {
      const previews = this.#next;
      this.#next = undefined;
      try {
        const preview = await this.#encode(previews);
        if (!this.#over) this.#send({ ...this.#now, preview });
      } catch (error) {
        this.#complain(error);
      }
    }
    this.#encoding = false;
  }
}
