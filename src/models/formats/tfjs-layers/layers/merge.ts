import { z } from 'zod';
import type { ElementwiseStep, Shape } from '../../../plan/plan.js';
import type { StepDraft } from '../../../plan/step-draft.js';
import type { Layer } from '../layer-graph.js';
import { UnsupportedLayer } from '../unsupported-layer.js';
import { anyShape, type LayerKind, layerKind } from './converter.js';

const concatSettings = z.object({ axis: z.int().default(-1) });

function elementwise(op: ElementwiseStep['op']): LayerKind {
  return layerKind(z.object({}), ({ layer, inputs }) => {
    const [constant] = layer.constants;
    if (constant !== undefined) return [withNumber(op, constant, layer, inputs)];
    const shape = inputs.reduce((left, right) => broadcast(layer.name, left, right));
    if (inputs.length < 2) throw new UnsupportedLayer(layer.name, 'has fewer than two inputs');
    return [{ op, shape }];
  });
}

/** `x + 3` and `x * 3`, as networks of Keras 3 have them. */
function withNumber(
  op: ElementwiseStep['op'],
  constant: number,
  layer: Layer,
  inputs: readonly Shape[],
): StepDraft {
  const { shape, channels } = anyShape(layer, inputs);
  if (layer.constants.length > 1 || inputs.length > 1)
    throw new UnsupportedLayer(layer.name, 'has both numbers and tensors as inputs');
  const scale = new Float32Array(channels).fill(op === 'multiply' ? constant : 1);
  const shift = new Float32Array(channels).fill(op === 'add' ? constant : 0);
  return { op: 'scaleShift', scale, shift, shape };
}

function broadcast(layer: string, left: Shape, right: Shape): Shape {
  if (left.length !== right.length) throw new UnsupportedLayer(layer, 'has inputs of different ranks');
  return left.map((length, index) => {
    const other = right[index] ?? 1;
    if (length !== other && length !== 1 && other !== 1)
      throw new UnsupportedLayer(layer, 'has inputs of different shapes');
    return Math.max(length, other);
  });
}

const concat = layerKind(concatSettings, ({ layer, settings: { axis }, inputs }) => {
  const first = inputs[0] ?? [];
  if (axis !== -1 && axis !== first.length)
    throw new UnsupportedLayer(layer.name, 'concatenates along another dimension than the channels');
  const outer = first.slice(0, -1).join();
  if (inputs.length < 2 || inputs.some((shape) => shape.slice(0, -1).join() !== outer))
    throw new UnsupportedLayer(layer.name, 'concatenates inputs of different sizes');
  const channels = inputs.reduce((sum, shape) => sum + (shape.at(-1) ?? 0), 0);
  return [{ op: 'concat', shape: [...first.slice(0, -1), channels] }];
});

export const mergeLayers: Readonly<Record<string, LayerKind>> = {
  Add: elementwise('add'),
  Multiply: elementwise('multiply'),
  Concatenate: concat,
};
