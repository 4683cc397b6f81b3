// The edge that Discord, Slack and the console share: an Intent comes in, a View goes out. A platform's adapter
// translates between its own events and these, and knows nothing of queues or models.

import type { PostRef } from '../core/posts.ts';
import type { ImagineFields } from '../core/prompt-line.ts';
import type { JobStatus, Requester } from '../queue/job.ts';

/** Where an answer belongs. */
export interface Place {
  platform: string;
  channel: string;
}

/** What a person means. `key` is the platform event's own id. */
export type Intent = { key: string; by: Requester; place: Place } &
  /** `text` is a prompt with inline flags; `options`, from a form or a command's fields, win over them. */
  (
    | { kind: 'imagine'; text: string; options?: ImagineFields }
    | { kind: 'rerun'; post: PostRef }
    | { kind: 'vary'; post: PostRef; index: number }
    | { kind: 'cancel'; post: PostRef }
    | { kind: 'remove'; post: PostRef }
  );

export type Action = 'rerun' | 'vary' | 'cancel' | 'remove';

/** Something to press. `index` is the picture it is about, from 0. */
export interface Control {
  action: Action;
  index?: number;
  emoji: string;
  label: string;
}

export interface ViewPicture {
  /** The ImageStore's id. */
  id: string;
  alt: string;
}

/** All that a message about one job shows. Platforms decide how. */
export interface View {
  jobId: string;
  status: JobStatus;
  by: Requester;
  prompt: string;
  /** A short sentence: "Queued, 2 ahead of you", "Drawing, step 7 of 25", "Canceled". */
  headline: string;
  /** "/imagine …" with every parameter; typed again it gives the same pictures. */
  recipe: string;
  progress?: { step: number; of: number };
  /** A small picture of the whole grid as predicted now, PNG or JPEG or WebP bytes. */
  preview?: { bytes: Uint8Array; type: string; alt: string };
  pictures: ViewPicture[];
  controls: Control[];
}

/** What a message comes from. */
export interface Cause {
  /** The intent's key: the platform event that may still be answered directly. */
  key: string;
  /** The message it came from, for a rerun or a variation. */
  answers?: PostRef;
}

/** A platform. */
export interface Chat {
  readonly platform: string;
  /**
   * Starts to listen; every intent goes to `serve`, which never rejects and resolves when the request is kept (or
   * refused): what is acknowledged after that survives a crash.
   */
  start(serve: (intent: Intent) => Promise<void>): Promise<void>;
  /** A new message of ours. */
  post(place: Place, view: View, cause?: Cause): Promise<PostRef>;
  /** Shows a later view. Views that come too fast may be skipped. */
  update(post: PostRef, view: View): Promise<void>;
  /** Shows the last view. Never skipped; resolves when the platform has it. */
  deliver(post: PostRef, view: View): Promise<void>;
  remove(post: PostRef): Promise<void>;
  /** A sentence for one person only; `key` is that of the intent it answers. */
  whisper(to: Requester, place: Place, text: string, key?: string): Promise<void>;
  stop(): Promise<void>;
}
