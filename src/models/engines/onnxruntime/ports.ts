import { FoveaError } from '../../../platform/errors.js';
import type { Manifest } from '../../repository/manifest.js';
import type { OrtValueInfo } from './addon.js';

/** Through which input and output of a session images go in and answers come out. */
export interface Ports {
  readonly inputName: string;
  /** Of one image, without the batch dimension. */
  readonly inputShape: readonly number[];
  readonly outputName: string;
  /** Rows that the model takes, no more and no less; null for any number. */
  readonly fixedRows: number | null;
}

/** ONNX's number for float32. */
const FLOAT = 1;

/** @throws FoveaError `model_invalid` when the session takes or gives something else than the manifest says */
export function portsOf(
  inputs: readonly OrtValueInfo[],
  outputs: readonly OrtValueInfo[],
  { input, output, labels }: Manifest,
): Ports {
  const taken = pick(inputs, input.name, 'input');
  const given = pick(outputs, output.name, 'output');
  const { height, width, channels, layout } = input;
  const inputShape = layout === 'nchw' ? [channels, height, width] : [height, width, channels];
  check(taken, inputShape, `The manifest says ${inputShape.join(' × ')}, ${layout}.`);
  const classes = output.drop_first + labels.length;
  // A model may also give [rows, classes, 1, 1].
  const given1 = { ...given, shape: given.shape?.filter((size, index) => index === 0 || size !== 1) };
  if (classes > 1)
    check(given1, [classes], `The manifest has ${labels.length} labels and drops ${output.drop_first}.`);
  const rows = taken.shape?.[0] ?? -1;
  return { inputName: taken.name, inputShape, outputName: given.name, fixedRows: rows > 0 ? rows : null };
}

function pick(infos: readonly OrtValueInfo[], name: string | undefined, what: string): OrtValueInfo {
  const found = name === undefined ? infos[0] : infos.find((info) => info.name === name);
  const names = infos.map((info) => info.name).join(', ');
  if (found === undefined)
    throw invalid(`The model has no ${what} ${name ?? ''}: it has ${names || 'none'}.`);
  if (name === undefined && infos.length > 1)
    throw invalid(`The model has several ${what}s (${names}); the manifest must name one.`);
  if (!found.isTensor || found.type !== FLOAT)
    throw invalid(
      `The model's ${what} ${found.name} is not float32: export the model with float32 inputs and outputs.`,
    );
  return found;
}

/** @param says how the manifest describes it */
function check(
  { name, shape }: { name: string; shape?: readonly number[] | undefined },
  wanted: readonly number[],
  says: string,
): void {
  if (shape === undefined) return;
  const fits =
    shape.length === wanted.length + 1 &&
    wanted.every((size, index) => (shape[index + 1] ?? 0) < 0 || shape[index + 1] === size);
  if (!fits)
    throw invalid(
      `${name} of the model has the shape [${shape.map((size) => (size < 0 ? '?' : size)).join(', ')}]. ${says}`,
    );
}

function invalid(message: string): FoveaError {
  return new FoveaError('model_invalid', message);
}
