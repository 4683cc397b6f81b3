// The ways a batch ends without pictures, each asking for another decision of the caller.

/** The process died, or hung and was killed, with this batch in it. The same batch may be tried once more. */
export class HostDied extends Error {
  override name = 'HostDied';
  /** It was killed because of something else that ran in it: this says nothing about the batch. */
  readonly blameless: boolean;
  constructor(message: string, { blameless = false } = {}) {
    super(message);
    this.blameless = blameless;
  }
}

/** No process can be started for this device, for now. The message is a sentence that says why and what to do. */
export class HostBroken extends Error {
  override name = 'HostBroken';
}

/** The group was canceled, by its signal or because the program stops. */
export class BatchCanceled extends Error {
  override name = 'BatchCanceled';
  constructor() {
    super('The batch was canceled.');
  }
}

/** The pipeline refused or failed; it would fail again. */
export class BatchFailed extends Error {
  override name = 'BatchFailed';
  /** Whether the message is a sentence for people; otherwise it is for the log. */
  readonly explained: boolean;
  constructor(message: string, explained: boolean) {
    super(message);
    this.explained = explained;
  }
}
