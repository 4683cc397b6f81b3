// A view as the bodies that Discord's HTTP API takes. Whatever they echo, nobody is pinged by it.

import { createHash } from 'node:crypto';
import type { RawFile } from 'discord.js';
import type { Cause, Sheet, View } from '../chat.ts';
import { pressRowsOf, rowsOf } from './buttons.ts';
import type { MessageFile, Shown } from './files.ts';
import { contentOf, oneMessageOf, shortAlt } from './wording.ts';

export interface Payload {
  body: object;
  files?: RawFile[];
}

const NONCE_LENGTH = 22;

/** `shown`: what the message carries from now on, or 'same' to leave what is there. */
export function messagePayload(view: View, shown: Shown | 'same'): Payload {
  const note = shown === 'same' ? undefined : shown.note;
  const body = {
    content: contentOf(view, note),
    components: rowsOf(view.controls),
    allowed_mentions: { parse: [] },
  };
  return shown === 'same' ? { body } : withFiles(body, shown.files);
}

/** All that a sheet says and carries: what a message had before goes. */
export function sheetPayload({ words, picture, files = [], presses = [] }: Sheet): Payload {
  const shown = picture ? [{ name: 'picture.png', bytes: picture.png, alt: shortAlt(picture.alt) }] : [];
  const carried = files.map(({ name, bytes }) => ({ name, bytes, alt: shortAlt(name) }));
  const body = {
    content: oneMessageOf(words),
    components: pressRowsOf(presses),
    allowed_mentions: { parse: [] },
  };
  return withFiles(body, [...shown, ...carried]);
}

export function withFiles(body: object, files: readonly MessageFile[]): Payload {
  const attachments = files.map(({ name, alt }, i) => ({ id: String(i), filename: name, description: alt }));
  return {
    body: { ...body, attachments },
    ...(files.length > 0 && {
      files: files.map(({ name, bytes }) => ({ name, data: Buffer.from(bytes) })),
    }),
  };
}

/**
 * The same as a new message in a channel. The nonce is that of what it is about, like a job's id, and of what asked for
 * the message, so Discord makes one of a post that is sent again shortly after, and a second one when somebody asks
 * again.
 */
export function newMessage({ body, files }: Payload, about: string, cause?: Cause): Payload {
  const nonce = createHash('sha256').update(`${about} ${cause?.key}`).digest('base64url');
  const reply = cause?.answers && {
    message_reference: { message_id: cause.answers.message, fail_if_not_exists: false },
  };
  return {
    body: { ...body, ...reply, nonce: nonce.slice(0, NONCE_LENGTH), enforce_nonce: true },
    ...(files && { files }),
  };
}

/** `mention`: the only person who may be pinged. */
export function textPayload(content: string, mention?: string): Payload {
  return {
    body: { content, allowed_mentions: { parse: [], ...(mention !== undefined && { users: [mention] }) } },
  };
}
