// Into Slack's files, in Slack's three steps: a picture, until a message of ours can show it, which is shared with nobody
// by itself, for who sees a message that shows it sees the file; or files of any kind, shared where people talk. Knows no
// views.

import sharp from 'sharp';
import { codeOf, isTooLarge, isUntaken, UploadBroken, UploadRefused } from './failures.ts';
import type { SlackWeb } from './web.ts';

const TRIES = 3;
/** A line slower than half a megabyte a second is taken for broken. */
const LEAST_BYTES_A_MS = 500;
const LOOKS = 15;
const LOOK_EVERY_MS = 700;

interface File {
  bytes: Uint8Array;
  /** "png" or "jpg"; Slack's messages show no WebP. */
  kind: string;
}

/** How far an upload has come: the file's id, as soon as Slack has the file. */
export interface Uploaded {
  file?: string;
}

/**
 * The file's id, when Slack has looked at the file. What is too large comes as JPEG, and then smaller. An upload that
 * was broken off goes on from where it was `uploaded`.
 */
export async function upload(
  web: SlackWeb,
  png: Uint8Array,
  name: string,
  uploaded: Uploaded = {},
): Promise<string> {
  uploaded.file ??= await uploadSomeSize(web, png, name);
  await usable(web, uploaded.file);
  return uploaded.file;
}

/** As one message of Slack's own making in a channel or, with `thread_ts`, in a thread of it. */
export async function shareFiles(
  web: SlackWeb,
  files: readonly { name: string; bytes: Uint8Array }[],
  { channel, thread_ts }: { channel: string; thread_ts?: string },
): Promise<void> {
  const list: { id: string; title: string }[] = [];
  for (const { name, bytes } of files)
    list.push({
      id: await untilUploaded(web, () => place(web, bytes, name, 'application/octet-stream')),
      title: name,
    });
  const [first, ...rest] = list;
  if (!first) return;
  const where = { channel_id: channel, ...(thread_ts && { thread_ts }) };
  // Sent again only when Slack certainly did not take it: else the files would stand there twice.
  await web.call(
    (client) => client.files.completeUploadExternal({ files: [first, ...rest], ...where }),
    isUntaken,
  );
}

async function uploadSomeSize(web: SlackWeb, png: Uint8Array, name: string): Promise<string> {
  let refused: unknown;
  for await (const file of smallerAndSmaller(png)) {
    try {
      return await uploadFile(web, file, name);
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      refused = error;
    }
  }
  throw refused;
}

async function* smallerAndSmaller(png: Uint8Array): AsyncGenerator<File> {
  yield { bytes: png, kind: 'png' };
  const { width } = await sharp(png).metadata();
  for (const part of [1, 0.5, 0.25]) {
    const bytes = await sharp(png)
      .resize({ width: Math.ceil(width * part) })
      .jpeg({ quality: 85 })
      .toBuffer();
    yield { bytes, kind: 'jpg' };
  }
}

async function uploadFile(web: SlackWeb, { bytes, kind }: File, name: string): Promise<string> {
  const title = `${name}.${kind}`;
  const type = kind === 'png' ? 'image/png' : 'image/jpeg';
  return untilUploaded(web, async () => {
    const id = await place(web, bytes, title, type);
    await web.call((client) => client.files.completeUploadExternal({ files: [{ id, title }] }));
    return id;
  });
}

/** A line that breaks midway begins anew; a refusal is final. */
async function untilUploaded(web: SlackWeb, attempted: () => Promise<string>): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const id = await attempted().catch(async (error: unknown) => {
      if (codeOf(error) || isTooLarge(error) || attempt === TRIES || web.stopped) throw error;
      await web.wait(LOOK_EVERY_MS);
    });
    if (id) return id;
  }
}

/** The first two steps; the file's id. */
async function place(web: SlackWeb, bytes: Uint8Array, filename: string, type: string): Promise<string> {
  const { upload_url: url, file_id: id } = await web.call((client) =>
    client.files.getUploadURLExternal({ filename, length: bytes.byteLength }),
  );
  if (!url || !id) throw new Error('Slack gave no place for the file.');
  const body = new FormData();
  body.append('body', new Blob([new Uint8Array(bytes)], { type }), filename);
  const answer = await send(web, url, body, 60_000 + bytes.byteLength / LEAST_BYTES_A_MS);
  if (!answer.ok) throw new UploadRefused(answer.status);
  return id;
}

async function send(web: SlackWeb, url: string, body: FormData, withinMs: number): Promise<Response> {
  try {
    const answer = await web.fetch(url, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(Math.ceil(withinMs)),
    });
    await answer.arrayBuffer();
    return answer;
  } catch (error) {
    throw new UploadBroken(error);
  }
}

/** Slack works on a file after the upload; a block that shows it earlier is refused. */
async function usable(web: SlackWeb, id: string): Promise<void> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const { file } = await web.call((client) => client.files.info({ file: id }));
    if (file?.mimetype) return;
    await web.wait(LOOK_EVERY_MS);
  }
  throw new Error('Slack was not done with the picture in time.');
}
