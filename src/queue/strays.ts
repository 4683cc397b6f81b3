// Pictures whose job ended without them: the program died between a cancel and the removal of what was drawn meanwhile.

import { jobOfPicture, type ImageStore, type JobStore } from './job.ts';
import { removePictures } from './pictures.ts';

/** So many jobs are looked up at once. */
const AT_ONCE = 500;

/** Removes them and says how many there were. */
export async function removeStrays(
  images: Pick<ImageStore, 'list' | 'remove'>,
  jobs: Pick<JobStore, 'withoutPictures'>,
): Promise<number> {
  const pictures = (await images.list()).map(({ id }) => id);
  const owners = [...new Set(pictures.map(jobOfPicture))];
  const empty = new Set<string>();
  for (let i = 0; i < owners.length; i += AT_ONCE)
    for (const id of await jobs.withoutPictures(owners.slice(i, i + AT_ONCE))) empty.add(id);
  const strays = pictures.filter((id) => empty.has(jobOfPicture(id)));
  await removePictures(strays, images);
  return strays.length;
}
