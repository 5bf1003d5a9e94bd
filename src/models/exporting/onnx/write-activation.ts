import type { Activation } from '../../plan/plan.js';
import type { OnnxWriter } from './onnx-writer.js';

/** @param value name of a tensor
 * @returns the name of the activated one */
export function writeActivation(
  writer: OnnxWriter,
  layer: string,
  { kind, alpha }: Activation,
  value: string,
): string {
  const node = (op: string, input: readonly string[], attributes = {}) =>
    writer.node(layer, op, input, attributes);
  const number = (one: number) => writer.floats([], Float32Array.of(one));
  switch (kind) {
    case 'linear':
      return value;
    case 'relu':
      return node('Relu', [value]);
    case 'relu6':
      return node('Clip', [value, number(0), number(6)]);
    case 'leakyRelu':
      return node('LeakyRelu', [value], { alpha: { float: alpha } });
    case 'elu':
      return node('Elu', [value]);
    case 'sigmoid':
      return node('Sigmoid', [value]);
    case 'hardSigmoid':
      return node('HardSigmoid', [value], { alpha: { float: alpha || 0.2 }, beta: { float: 0.5 } });
    case 'tanh':
      return node('Tanh', [value]);
    case 'swish':
      return node('Mul', [value, node('Sigmoid', [value])]);
    case 'hardSwish':
      return node('HardSwish', [value]);
    case 'gelu':
    case 'geluTanh':
      writer.needOpset20();
      return node('Gelu', [value], { approximate: { text: kind === 'gelu' ? 'none' : 'tanh' } });
    case 'softmax':
      return node('Softmax', [value], { axis: 1 });
  }
}
