/** What is known of a batch that ran; its probabilities lie on its slab. */
export interface BatchResult {
  readonly rows: number;
  /** Inside the engine. */
  readonly inferenceMs: number;
}
