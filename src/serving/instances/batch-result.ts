/** Result of a batch. Its probabilities are on the slab. */
export interface BatchResult {
  readonly rows: number;
  /** Run time in the engine. */
  readonly inferenceMs: number;
}
