/** Result of a batch. Its probabilities are on the slab. */
export interface BatchResult {
  readonly rows: number;
  /** Time for the files on the slab; 0 without files. */
  readonly decodeMs: number;
  /** Run time in the engine. */
  readonly inferenceMs: number;
}
