// What one kind of model does in its own way. The loop around it (pipeline.ts) is the same for all: a family turns texts
// into what its network reads, and noisy latents into the network's prediction. Knows no seeds and no schedulers.

/** Numbers of one picture in latent space: [channels, height, width]. */
export interface LatentShape {
  channels: number;
  height: number;
  width: number;
}

/** What the network is told of one text. */
export interface Condition {
  /** Hidden states: `tokens` vectors of `width` numbers. */
  words: Float32Array;
  tokens: number;
  width: number;
  /** One vector for the whole text, where the network takes one. */
  pooled?: Float32Array;
  /** SDXL's time_ids: sizes in pixels, or sizes and an aesthetic score. */
  sizes?: readonly number[];
}

/** The different texts of one picture. The negative ones are empty where they have no say. */
interface Texts {
  prompts: readonly string[];
  negatives: readonly string[];
}

/** The condition of each text. */
export interface Encoded {
  prompts: ReadonlyMap<string, Condition>;
  negatives: ReadonlyMap<string, Condition>;
}

/** One picture's place in a run of the network. */
export interface Row {
  /** As the scheduler scales them for the network. */
  latents: Float32Array;
  /** Further channels of the same height and width: mask and masked picture of an inpainting network. */
  extra?: Float32Array;
  condition: Condition;
}

/** What the rows of one run share. */
export interface Moment {
  timestep: number;
  guidanceScale: number;
  shape: LatentShape;
}

export interface Family {
  /** Whether guidance is a second run with the negative prompt; otherwise the scale is an input, or without effect. */
  readonly guided: boolean;
  /** For models that learned a flow. */
  readonly flow?: {
    /** Positions that the network attends to in one picture. */
    imageTokens(shape: LatentShape): number;
    /** The levels go evenly from 1 to 1 / steps, whatever range the scheduler was trained on. */
    evenSigmas: boolean;
  };
  /**
   * Below this timestep another network predicts, and a process of its own begins there: no solver may mix what the two
   * said.
   */
  readonly startsAnewBelow?: number;
  /**
   * The condition of each text, encoded once; `size` is the picture's, in pixels. All conditions have the same number of
   * tokens, so a longer negative prompt changes the numbers of the prompt. Throws a ModelProblem where the texts are too
   * long, or too many.
   */
  encode(texts: Texts, size: { width: number; height: number }): Promise<Encoded>;
  /**
   * The network's prediction for each row, in one run: as many numbers as the row's latents, of the kind that the folder's
   * scheduler expects (noise, v, flow). All rows have as many tokens; there is at least one. Throws an OutOfMemory where
   * fewer rows may do, and a ModelProblem where the network refuses or its numbers are not finite.
   */
  predict(rows: readonly Row[], moment: Moment): Promise<Float32Array[]>;
}
