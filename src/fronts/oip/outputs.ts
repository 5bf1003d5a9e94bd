import type { Prediction } from '../../serving/prediction.js';
import { rankClasses } from '../../serving/rank-classes.js';
import { refused } from './images.js';
import type { WantedOutput } from './infer-request.js';
import { ABOVE_THRESHOLD, CLASS_ID, LABEL, OUTPUTS, PROBABILITIES } from './signature.js';

/** A tensor of an answer. */
export type OutputTensor = {
  readonly name: string;
  readonly shape: readonly number[];
} & (
  | { readonly datatype: 'FP32'; readonly values: Float32Array }
  | { readonly datatype: 'INT32'; readonly values: Int32Array }
  /** 0 or 1 */
  | { readonly datatype: 'BOOL'; readonly values: Uint8Array }
  | { readonly datatype: 'BYTES'; readonly values: readonly string[] }
);

function requireKnown(names: readonly string[], wanted: readonly WantedOutput[]): void {
  const unknown = wanted.find(({ name }) => !names.includes(name));
  if (unknown !== undefined)
    throw refused(`The model has the outputs ${names.join(', ')}, not ${unknown.name}.`);
}

/** What can be checked before the model is known.
 * @throws FoveaError `bad_request` */
export function checkOutputs(wanted: readonly WantedOutput[] = []): void {
  requireKnown(OUTPUTS.multi, wanted);
  if (wanted.some(({ name, classes }) => classes > 0 && name !== PROBABILITIES))
    throw refused(`Only the output ${PROBABILITIES} can be answered as classification.`);
}

/** The top classes as `<probability>:<index>:<label>`.
 * @source Triton, docs/protocol/extension_classification.md */
function classification(predictions: readonly Prediction[], classes: number): OutputTensor {
  const ranked = predictions.map(({ probabilities, version }) =>
    rankClasses(probabilities, version.manifest.labels, classes),
  );
  const values = ranked.flatMap((top) =>
    top.map(({ confidence, classIndex, label }) => `${confidence.toFixed(6)}:${classIndex}:${label}`),
  );
  const shape = [predictions.length, ranked[0]?.length ?? 0];
  return { name: PROBABILITIES, shape, datatype: 'BYTES', values };
}

function probabilitiesOf(predictions: readonly Prediction[]): OutputTensor {
  const classes = predictions[0]?.probabilities.length ?? 0;
  const values = new Float32Array(predictions.length * classes);
  for (const [row, { probabilities }] of predictions.entries()) values.set(probabilities, row * classes);
  return { name: PROBABILITIES, shape: [predictions.length, classes], datatype: 'FP32', values };
}

function aboveThreshold(predictions: readonly Prediction[]): OutputTensor {
  const classes = predictions[0]?.probabilities.length ?? 0;
  const values = new Uint8Array(predictions.length * classes);
  for (const [row, { labels = [] }] of predictions.entries()) {
    for (const { classIndex } of labels) values[row * classes + classIndex] = 1;
  }
  return { name: ABOVE_THRESHOLD, shape: [predictions.length, classes], datatype: 'BOOL', values };
}

function outputOf({ name, classes }: WantedOutput, predictions: readonly Prediction[]): OutputTensor {
  const shape = [predictions.length];
  if (classes > 0) return classification(predictions, classes);
  if (name === LABEL)
    return { name, shape, datatype: 'BYTES', values: predictions.map(({ label }) => label) };
  if (name === CLASS_ID)
    return {
      name,
      shape,
      datatype: 'INT32',
      values: Int32Array.from(predictions, ({ classIndex }) => classIndex),
    };
  return name === ABOVE_THRESHOLD ? aboveThreshold(predictions) : probabilitiesOf(predictions);
}

/** @param wanted undefined: every output of the model
 * @param predictions of one version
 * @throws FoveaError `bad_request` for an output that the model does not have */
export function outputsOf(
  wanted: readonly WantedOutput[] | undefined,
  predictions: readonly [Prediction, ...Prediction[]],
): OutputTensor[] {
  const names = OUTPUTS[predictions[0].version.manifest.output.task];
  if (wanted === undefined) return names.map((name) => outputOf({ name, classes: 0 }, predictions));
  requireKnown(names, wanted);
  return wanted.map((output) => outputOf(output, predictions));
}

/** The raw form of a tensor: little-endian numbers; elements of BYTES with their lengths in front. */
export function rawOf(tensor: OutputTensor): Uint8Array {
  if (tensor.datatype !== 'BYTES')
    return new Uint8Array(tensor.values.buffer, tensor.values.byteOffset, tensor.values.byteLength);
  return Buffer.concat(
    tensor.values.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
