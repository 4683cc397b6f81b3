// Which message on which platform shows which job. A message belongs to one job; a job may have several messages.

/** The address of a message of ours on a platform. */
export interface PostRef {
  platform: string;
  channel: string;
  message: string;
}

export interface Post extends PostRef {
  jobId: string;
  /** The last view of a job that is over has been shown on it. */
  delivered: boolean;
}

export interface PostStore {
  link(post: PostRef, jobId: string): Promise<void>;
  jobOf(post: PostRef): Promise<string | undefined>;
  /** The messages that show this job, the oldest first. */
  of(jobId: string): Promise<PostRef[]>;
  markDelivered(post: PostRef): Promise<void>;
  /** Messages that still owe their job's last view, the oldest first. */
  undelivered(): Promise<Post[]>;
  /**
   * Jobs that never had a message and were not canceled, the oldest first: the program ended between accepting and
   * answering them.
   */
  unposted(): Promise<string[]>;
  /** Forget the message (it was deleted). */
  unlink(post: PostRef): Promise<void>;
}
