// A picture into Slack's files, in Slack's three steps, until a message can show it. Knows no views.

import { codeOf, neededScope } from './failures.ts';
import type { SlackWeb } from './web.ts';

const MAX_ALT = 1000;
const TRIES = 3;
const LOOKS = 15;
const LOOK_EVERY_MS = 700;

interface File {
  name: string;
  alt: string;
}

/** The file's id, when Slack has looked at the file. A line that breaks midway begins anew; a refusal is final. */
export async function upload(web: SlackWeb, png: Uint8Array, file: File): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const id = await place(web, png, file).catch(async (error: unknown) => {
      if (codeOf(error) || attempt === TRIES || web.stopped) throw error;
      await web.wait(LOOK_EVERY_MS);
    });
    if (!id) continue;
    await usable(web, id);
    return id;
  }
}

async function place(web: SlackWeb, png: Uint8Array, file: File): Promise<string> {
  const { upload_url: url, file_id: id } = await web.call((client) =>
    client.files.getUploadURLExternal({
      filename: file.name,
      length: png.byteLength,
      alt_text: Array.from(file.alt).slice(0, MAX_ALT).join(''),
    }),
  );
  if (!url || !id) throw new Error('Slack gave no place for the picture.');
  await send(web, url, png, file.name);
  await web.call((client) => client.files.completeUploadExternal({ files: [{ id, title: file.name }] }));
  return id;
}

async function send(web: SlackWeb, url: string, png: Uint8Array, name: string): Promise<void> {
  const body = new FormData();
  body.append('body', new Blob([new Uint8Array(png)], { type: 'image/png' }), name);
  const answer = await web.fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(60_000) });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`Slack did not take the picture: HTTP ${answer.status}.`);
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

/** What the message says instead of the picture. */
export function withoutPicture(error: unknown, jobId: string): string {
  const scope = neededScope(error);
  return scope
    ? `The picture is drawn, but I may not upload it: give the Slack app the scope ${scope}, install it again, and ask again.`
    : `The picture is drawn, but Slack did not take it; the owner finds the reason in the log under ${jobId}. Ask again in a while.`;
}
