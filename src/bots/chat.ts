// The edge that Discord, Slack and the console share: an Intent comes in, a View goes out. A platform's adapter
// translates between its own events and these, and knows nothing of queues or models.

import type { AdminCommand } from '../core/admin/command.ts';
import type { PostRef } from '../core/posts.ts';
import type { ImagineFields } from '../core/prompt-line.ts';
import type { JobStatus, Requester } from '../queue/job.ts';
import type { EditCounts } from './edit-pace.ts';

/** Where an answer belongs. */
export interface Place {
  platform: string;
  /** The platform's server or workspace; none for direct messages. */
  server?: string;
  channel: string;
  /** The channel that a thread hangs in. */
  parent?: string;
  /** The platform keeps the channel for adults. */
  ageRestricted?: true;
}

/**
 * What a person means. `key` is the platform event's own id; `moderator` says that the platform lets this person
 * delete other people's messages there, `admin` that they may set the server's rules, and `roles` are the platform's
 * ids of their roles there.
 */
export type Intent = {
  key: string;
  by: Requester;
  place: Place;
  moderator?: true;
  admin?: true;
  roles?: readonly string[];
} &
  /** `text` is a prompt with inline flags; `options`, from a form or a command's fields, win over them. */
  (
    | { kind: 'imagine'; text: string; options?: ImagineFields }
    /** The job of a message again, with what `text` says otherwise. */
    | { kind: 'remix'; post: PostRef; text: string }
    | { kind: 'rerun'; post: PostRef }
    | { kind: 'vary'; post: PostRef; index: number }
    /** One picture, or without `index` every one of the message. */
    | { kind: 'upscale'; post: PostRef; index?: number }
    | { kind: 'cancel'; post: PostRef }
    /** Of the pictures that are being drawn, go on with this one alone. */
    | { kind: 'pick'; post: PostRef; index: number }
    /** Stop here and keep the picture as it is now. */
    | { kind: 'keep'; post: PostRef }
    | { kind: 'remove'; post: PostRef }
    /** Cancel while it runs, remove when it is over: what a crossed-out message means. */
    | { kind: 'end'; post: PostRef }
    | { kind: 'favorite'; post: PostRef; on: boolean }
    /** The pictures as a direct message, with their seeds and the job's id. */
    | { kind: 'send'; post: PostRef }
    /** A private answer for everyone in its channel. */
    | { kind: 'share'; post: PostRef }
    | { kind: 'recipe'; post: PostRef }
    /** This person's last request again, with a new seed. */
    | { kind: 'again' }
    | { kind: 'show'; jobId: string }
    | { kind: 'queue' }
    | { kind: 'history'; favorites?: boolean }
    | { kind: 'info' }
    /** A line of flags becomes this person's defaults, "reset" takes them away; nothing shows them. */
    | { kind: 'settings'; text?: string; options?: ImagineFields }
    /** What this person has used, and may still use. */
    | { kind: 'usage' }
    /** All that is kept about this person: as files, or taken away for good once they are `sure`. */
    | { kind: 'mydata'; what: 'export' }
    | { kind: 'mydata'; what: 'forget'; sure: boolean }
    | { kind: 'admin'; command: AdminCommand }
    /** Tells the moderators of a picture. */
    | { kind: 'report'; post: PostRef }
    /** A button under words of ours. */
    | { kind: 'review'; review: string; act: ReviewAct }
  );

/** A refused person asks the moderators; a moderator allows what was asked, or not. */
export type ReviewAct = 'ask' | 'approve' | 'deny';

export type Action =
  'upscale' | 'vary' | 'pick' | 'rerun' | 'remix' | 'cancel' | 'keep' | 'share' | 'report' | 'remove';

/** What a reaction on a message of ours can mean. Which emoji means what is configured. */
export type Reaction = 'rerun' | 'upscale' | 'send' | 'end' | 'favorite';

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
  /** To be hidden until somebody wants to see it. */
  spoiler?: true;
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
  /** In the order of upscale, vary, pick, and the rest. */
  controls: Control[];
  /** For the person who asked alone. */
  private?: true;
}

/**
 * A line of an answer in words: `code` can be copied, `href` leads to a message. In `text` people, roles and channels
 * stand as marks (core/admin/mention.ts), which a platform shows as its own mentions, pinging nobody.
 */
export interface Line {
  text: string;
  code?: string;
  href?: string;
}
export type Words = string | readonly Line[];

/** Something to press under words of ours, about a review with this id. */
export interface Press {
  review: string;
  act: ReviewAct;
  emoji: string;
  label: string;
}

/** A message of ours that is about no job: words, a picture, files, and what can be pressed. */
export interface Sheet {
  words: readonly Line[];
  picture?: { png: Uint8Array; alt: string };
  files?: readonly { name: string; bytes: Uint8Array }[];
  presses?: readonly Press[];
}

/** One job in a list. */
export interface Entry {
  jobId: string;
  prompt: string;
  headline: string;
  at: Date;
  pictures: ViewPicture[];
  /** Its message, where the platform has an address for it. */
  href?: string;
}

/** What Darkroom has for one person, for /queue, /history and a home page. */
export interface Overview {
  /** All people's jobs. */
  waiting: number;
  running: number;
  /** This person's own, the next one first. */
  own: Entry[];
  /** This person's finished ones, the newest first. */
  recent: Entry[];
  favorites: Entry[];
  /** Ids of all jobs that this person marked. */
  marked: string[];
  /** A sentence about what this person may still use. */
  budget?: string;
}

/** What a form over a message begins with: its prompt, and every other parameter but the seed as flags. */
export interface Draft {
  prompt: string;
  flags: string;
}

/** What a message comes from. */
export interface Cause {
  /** The intent's key: the platform event that may still be answered directly. */
  key: string;
  /** The message it came from, for a rerun or a variation. */
  answers?: PostRef;
  /** It is for everyone in its channel: where it can not be posted there it is refused, and comes nowhere else. */
  share?: true;
}

/** What a platform may ask of us. */
export interface Desk {
  /**
   * Never rejects; resolves when the intent is answered. `kept` is called as soon as a request is in the database:
   * what is acknowledged from then on survives a crash.
   */
  serve(intent: Intent, kept?: () => void): Promise<void>;
  /** Undefined when the message shows no job of ours that this person may see. */
  draft(post: PostRef, by: Requester): Promise<Draft | undefined>;
  overview(by: Requester): Promise<Overview>;
}

/** A platform. */
export interface Chat {
  readonly platform: string;
  /** Starts to listen and hands every intent to the desk. */
  start(desk: Desk): Promise<void>;
  /**
   * A new message of ours. A view that is private is seen by its person alone: as the answer to their event where
   * that is possible, else as a direct message.
   */
  post(place: Place, view: View, cause?: Cause): Promise<PostRef>;
  /** Shows a later view. Views that come too fast may be skipped. */
  update(post: PostRef, view: View): Promise<void>;
  /**
   * Shows the last view. Never skipped; resolves when the platform has it. Where the message can no longer be
   * reached (a private answer past its time), the view comes as a new one, whose address is returned.
   */
  deliver(post: PostRef, view: View): Promise<PostRef | undefined>;
  remove(post: PostRef): Promise<void>;
  /** Words for one person only; `key` is that of the intent it answers. */
  whisper(to: Requester, place: Place, words: Words, key?: string): Promise<void>;
  /**
   * The view's pictures, each on its own, as a direct message with these words. Rejects with a UserError that says
   * what to do when the person takes none.
   */
  direct(to: Requester, view: View, words: Words): Promise<void>;
  /** A new message in a channel; `key` is that of the intent that it answers. */
  publish(place: Place, sheet: Sheet, key?: string): Promise<PostRef>;
  /** Shows this in the place of what was published; nothing is left to press that the sheet does not have. */
  revise(post: PostRef, sheet: Sheet): Promise<void>;
  /**
   * For one person alone, as an answer that only they see or a direct message. Rejects with a UserError that says what
   * to do when neither can be.
   */
  hand(to: Requester, place: Place, sheet: Sheet, key?: string): Promise<void>;
  /** Bytes that one message's files may have together. */
  readonly mostBytes: number;
  /** What people call a server or a channel, where the platform has told without being asked. */
  nameOf?(kind: 'server' | 'channel', id: string): string | undefined;
  /** What became of the views it was given so far, where edits have a pace. */
  readonly edits?: Readonly<EditCounts>;
  /** The address of a message, to be followed by people. */
  linkTo(post: PostRef): Promise<string | undefined>;
  stop(): Promise<void>;
}
