// The ways a generation ends early on purpose.

/** Something is wrong with the model or what was asked of it. The message is a sentence for people. */
export class ModelProblem extends Error {
  override name = 'ModelProblem';
}

/** The device had no memory left for a run of a network: fewer rows at once may do. */
export class OutOfMemory extends ModelProblem {
  override name = 'OutOfMemory';
  constructor(cause: unknown) {
    super('The device has not enough memory for this: ask for a smaller picture, or fewer at once.', {
      cause,
    });
  }
}

/** The batch was canceled between two steps. */
export class Canceled extends Error {
  override name = 'Canceled';
  constructor() {
    super('The batch was canceled.');
  }
}
