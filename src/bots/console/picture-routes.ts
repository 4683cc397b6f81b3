// Pictures over HTTP: those that were drawn, and those that people bring to start from.

import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ImageStore } from '../../queue/job.ts';

const PICTURE_LIMIT = 20 * 1024 * 1024;

export interface PictureDeps {
  images: Pick<ImageStore, 'get'>;
  /** Keeps a picture to start from; its id. Rejects with a UserError for what can not be one. */
  keepImage: (bytes: Uint8Array) => Promise<string>;
}

export function pictureRoutes(app: Hono, { images, keepImage }: PictureDeps): void {
  app.get('/pictures/:file', async (c) => {
    const id = /^(\w[\w-]{0,119})\.png$/.exec(c.req.param('file'))?.[1];
    const png = id === undefined ? undefined : await images.get(id);
    if (!png) return c.json({ error: 'That picture is gone: its message was deleted.' }, 404);
    return c.body(new Uint8Array(png), 200, {
      'content-type': 'image/png',
      'cache-control': 'private, max-age=31536000, immutable',
    });
  });
  const limit = bodyLimit({
    maxSize: PICTURE_LIMIT,
    onError: (c) => c.json({ error: 'That picture is too large. It can have up to 20 MB.' }, 413),
  });
  app.post('/api/images', limit, async (c) => {
    if (!c.req.header('content-type')?.toLowerCase().startsWith('image/'))
      return c.json({ error: 'Send a picture: PNG, JPEG, WebP or another image type.' }, 415);
    return c.json({ id: await keepImage(new Uint8Array(await c.req.arrayBuffer())) }, 201);
  });
}
