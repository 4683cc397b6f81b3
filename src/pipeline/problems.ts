// The two ways a generation ends early on purpose.

/** Something is wrong with the model or what was asked of it. The message is a sentence for people. */
export class ModelProblem extends Error {
  override name = 'ModelProblem';
}

/** The batch was canceled between two steps. */
export class Canceled extends Error {
  override name = 'Canceled';
  constructor() {
    super('The batch was canceled.');
  }
}
