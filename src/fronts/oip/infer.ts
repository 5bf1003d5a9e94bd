import { FoveaError } from '../../platform/errors.js';
import type { Call } from '../../serving/call.js';
import type { ModelInput } from '../../serving/model-input.js';
import type { Outcome, Prediction } from '../../serving/prediction.js';
import type { Predictions } from '../../serving/predictions.js';
import { imagesOf } from './images.js';
import type { InferRequest } from './infer-request.js';
import { checkOutputs, type OutputTensor, outputsOf } from './outputs.js';

/** The answer to an inference request. */
export interface InferAnswer {
  readonly model: string;
  readonly version: number;
  readonly outputs: readonly OutputTensor[];
}

export interface InferDeps {
  readonly predictions: Pick<Predictions, 'predictMany'>;
  /** Most images in one request. */
  readonly maxImages: number;
}

/** All images of a request are answered, or none.
 * @throws FoveaError the first image's */
export function requireAll(outcomes: readonly Outcome[]): Prediction[] {
  return outcomes.map((outcome, place) => {
    if (!(outcome instanceof FoveaError)) return outcome;
    const { code, message, details, cause } = outcome;
    if (outcomes.length === 1) throw outcome;
    throw new FoveaError(code, `Image ${place + 1} of ${outcomes.length}: ${message}`, { details, cause });
  });
}

/** Predicts images of a protocol that answers all or nothing.
 * @throws FoveaError as `Predictions.predictMany`, or that of the first image that failed */
export async function predictAll(
  { predictions }: Pick<InferDeps, 'predictions'>,
  images: readonly ModelInput[],
  { model, version }: { readonly model: string; readonly version: number | undefined },
  call: Call,
): Promise<Prediction[]> {
  return requireAll(await predictions.predictMany(images, { model, version, source: 'protocol' }, call));
}

/** @throws FoveaError `bad_request`, `too_large` of the tensors, and errors of `predictAll` */
export async function infer(deps: InferDeps, request: InferRequest, call: Call): Promise<InferAnswer> {
  const { inputs, timeoutMs = Number.POSITIVE_INFINITY } = request;
  checkOutputs(request.outputs);
  const images = imagesOf(inputs, deps.maxImages);
  const deadlineMs = Math.min(call.deadlineMs, performance.now() + timeoutMs);
  const predictions = await predictAll(deps, images, request, { ...call, deadlineMs });
  const [first, ...others] = predictions;
  if (first === undefined) throw new Error('A request without images passed. This is a bug.');
  const { model, version } = first.version;
  return { model, version, outputs: outputsOf(request.outputs, [first, ...others]) };
}
