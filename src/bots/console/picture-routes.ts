// Pictures over HTTP: those that were drawn, and those that people bring to start from.

import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ImageStore, Requester } from '../../queue/job.ts';
import type { ConsoleEnv, Who } from './access/who.ts';

const PICTURE_LIMIT = 20 * 1024 * 1024;

export interface PictureDeps {
  images: Pick<ImageStore, 'get'>;
  /** Keeps a picture to start from; its id. Rejects with a UserError for what can not be one. */
  keepImage: (bytes: Uint8Array, by: Requester) => Promise<string>;
  /** Whether a picture may be shown to this person. */
  maySeePicture: (id: string, by: Requester) => Promise<boolean>;
  isPublic?: (id: string) => Promise<boolean>;
}

export function pictureRoutes(app: Hono<ConsoleEnv>, deps: PictureDeps): void {
  const { images, keepImage, maySeePicture, isPublic } = deps;
  // The owner has the files; who is nobody came for what is everybody's.
  const maySee = async (id: string, who?: Who): Promise<boolean> => {
    if (!who) return (await isPublic?.(id)) === true;
    return who.admin ?? maySeePicture(id, who.by);
  };
  app.get('/pictures/:file', async (c) => {
    const id = /^(\w[\w-]{0,119})\.png$/.exec(c.req.param('file'))?.[1];
    const png = id !== undefined && (await maySee(id, c.get('who'))) ? await images.get(id) : undefined;
    if (!png) return c.json({ error: 'That picture is gone: its message was deleted.' }, 404);
    // Where people sign in, the next person in the same browser is asked for anew.
    const signsIn = c.get('token') !== undefined;
    const headers = {
      etag: `"${id}"`,
      'cache-control': signsIn ? 'private, no-cache' : 'private, max-age=31536000, immutable',
    };
    if (c.req.header('if-none-match') === headers.etag) return c.body(null, 304, headers);
    return c.body(new Uint8Array(png), 200, { ...headers, 'content-type': 'image/png' });
  });
  const limit = bodyLimit({
    maxSize: PICTURE_LIMIT,
    onError: (c) => c.json({ error: 'That picture is too large. It can have up to 20 MB.' }, 413),
  });
  app.post('/api/images', limit, async (c) => {
    if (!c.req.header('content-type')?.toLowerCase().startsWith('image/'))
      return c.json({ error: 'Send a picture: PNG, JPEG, WebP or another image type.' }, 415);
    return c.json({ id: await keepImage(new Uint8Array(await c.req.arrayBuffer()), c.get('who').by) }, 201);
  });
}
