/** A tensor of an inference request.
 * @source Open Inference Protocol, "Tensor Data" */
export interface InferTensor {
  readonly name: string;
  /** `UINT8`, `FP32`, `FP16`, `BYTES` …, as the client wrote it. */
  readonly datatype: string;
  /** The batch first; undefined where the data are one image of the model's size. */
  readonly shape: readonly number[] | undefined;
  /** Numbers: row-major, little-endian, of any alignment. `BYTES`: one array an element. */
  readonly data: Uint8Array | readonly Uint8Array[];
}

/** An output that the client asked for. */
export interface WantedOutput {
  readonly name: string;
  /** Answers the top classes as text; 0 for the tensor itself. */
  readonly classes: number;
}

/** An inference request, whatever transport it came by. */
export interface InferRequest {
  readonly model: string;
  /** Undefined: the traffic split decides. */
  readonly version: number | undefined;
  readonly inputs: readonly InferTensor[];
  /** Undefined: all outputs. */
  readonly outputs: readonly WantedOutput[] | undefined;
  /** Most time until the answer; undefined: the server's own limit. */
  readonly timeoutMs: number | undefined;
}
