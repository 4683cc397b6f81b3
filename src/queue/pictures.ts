// A job's pictures in the store: all of them or none.

import type { Picture } from '../pipeline/picture.ts';
import { pictureId, type ImageStore, type Job } from './job.ts';

/** Their ids. Rejects when one could not be kept; then none is. */
export async function keepPictures(
  { id }: Job,
  pictures: readonly Picture[],
  images: Pick<ImageStore, 'put' | 'remove'>,
): Promise<string[]> {
  const ids = pictures.map((_, i) => pictureId(id, i));
  const kept = await Promise.allSettled(pictures.map(({ png }, i) => images.put(ids[i]!, png)));
  const lost = kept.find((one) => one.status === 'rejected');
  if (!lost) return ids;
  await removePictures(ids, images);
  throw lost.reason;
}

/** Every picture that the job can have, whatever its row says. */
export const possiblePictures = ({ id, params }: Job): string[] =>
  Array.from({ length: params.count }, (_, i) => pictureId(id, i));

export async function removePictures(
  ids: readonly string[],
  images: Pick<ImageStore, 'remove'>,
): Promise<void> {
  await Promise.all(ids.map((id) => images.remove(id)));
}
