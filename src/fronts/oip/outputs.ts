import type { Prediction } from '../../serving/prediction.js';
import { rankClasses } from '../../serving/rank-classes.js';
import { refused } from './images.js';
import type { WantedOutput } from './infer-request.js';
import { CLASS_ID, LABEL, OUTPUTS, PROBABILITIES } from './signature.js';

/** A tensor of an answer. */
export type OutputTensor = {
  readonly name: string;
  readonly shape: readonly number[];
} & (
  | { readonly datatype: 'FP32'; readonly values: Float32Array }
  | { readonly datatype: 'INT32'; readonly values: Int32Array }
  | { readonly datatype: 'BYTES'; readonly values: readonly string[] }
);

const ALL: readonly WantedOutput[] = OUTPUTS.map((name) => ({ name, classes: 0 }));

/** @throws FoveaError `bad_request` */
export function checkOutputs(outputs: readonly WantedOutput[] = ALL): readonly WantedOutput[] {
  for (const { name, classes } of outputs) {
    if (!OUTPUTS.includes(name))
      throw refused(`The model has the outputs ${OUTPUTS.join(', ')}, not ${name}.`);
    if (classes > 0 && name !== PROBABILITIES)
      throw refused(`Only the output ${PROBABILITIES} can be answered as classification.`);
  }
  return outputs;
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
  return probabilitiesOf(predictions);
}

/** @param predictions of one version */
export function outputsOf(
  wanted: readonly WantedOutput[],
  predictions: readonly Prediction[],
): OutputTensor[] {
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
