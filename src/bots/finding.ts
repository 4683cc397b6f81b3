// What a check of a platform's settings found, in words for the owner.

export interface Finding {
  ok: boolean;
  what: string;
  /** What to do about it. */
  todo?: string;
}
