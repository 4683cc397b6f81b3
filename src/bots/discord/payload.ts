// A view as the bodies that Discord's HTTP API takes. Whatever they echo, nobody is pinged by it.

import { createHash } from 'node:crypto';
import type { RawFile } from 'discord.js';
import type { PostRef } from '../../core/posts.ts';
import type { View } from '../chat.ts';
import type { MessageFile } from './files.ts';
import { contentOf, rowsOf } from './wording.ts';

export interface Payload {
  body: object;
  files?: RawFile[];
}

const NONCE_LENGTH = 22;

/** `file`: the one the message carries from now on, 'none', or 'same' to leave what is there. */
export function messagePayload(view: View, file: MessageFile | 'none' | 'same'): Payload {
  const body = {
    content: contentOf(view),
    components: rowsOf(view.controls),
    allowed_mentions: { parse: [] },
  };
  if (file === 'same') return { body };
  if (file === 'none') return { body: { ...body, attachments: [] } };
  const { name, bytes, alt } = file;
  return {
    body: { ...body, attachments: [{ id: '0', filename: name, description: alt }] },
    files: [{ name, data: Buffer.from(bytes) }],
  };
}

/**
 * The same as a new message in a channel. The nonce is the job's, so Discord makes one message of a post that is sent
 * again shortly after.
 */
export function newMessage({ body, files }: Payload, jobId: string, answers?: PostRef): Payload {
  const nonce = createHash('sha256').update(jobId).digest('base64url').slice(0, NONCE_LENGTH);
  const reply = answers && {
    message_reference: { message_id: answers.message, fail_if_not_exists: false },
  };
  return { body: { ...body, ...reply, nonce, enforce_nonce: true }, ...(files && { files }) };
}

/** `mention`: the only person who may be pinged. */
export function textPayload(content: string, mention?: string): Payload {
  return {
    body: { content, allowed_mentions: { parse: [], ...(mention !== undefined && { users: [mention] }) } },
  };
}
