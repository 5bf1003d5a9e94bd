import { z } from 'zod';
import { NO_PADDING } from '../../../plan/plan.js';
import type { StepDraft } from '../../../plan/step-draft.js';
import { UnsupportedLayer } from '../unsupported-layer.js';
import { activation } from './activation.js';
import { anyShape, type Conversion, imageShape, type LayerKind, layerKind } from './converter.js';

const denseSettings = z.object({
  units: z.int().positive(),
  use_bias: z.boolean().default(true),
  activation,
});

/** On an image it works on the channels of each place, as a convolution of 1 × 1 does. */
function pointwise({
  layer,
  settings,
  inputs,
  weights,
}: Conversion<z.infer<typeof denseSettings>>): StepDraft {
  const { units, use_bias: hasBias } = settings;
  const [height, width, channels] = imageShape(layer, inputs);
  const { values } = weights.get(layer.name, 'kernel', [channels, units]);
  return {
    op: 'conv2d',
    filter: { shape: [1, 1, channels, units], values },
    bias: weights.vector(layer.name, 'bias', units, hasBias ? null : 0),
    strides: [1, 1],
    dilations: [1, 1],
    padding: NO_PADDING,
    activation: settings.activation,
    shape: [height, width, units],
  };
}

const dense = layerKind(denseSettings, ({ layer, settings, inputs, weights }) => {
  const { units, use_bias, activation } = settings;
  const { shape, channels } = anyShape(layer, inputs);
  if (shape.length === 3) return [pointwise({ layer, settings, inputs, weights })];
  if (shape.length !== 1)
    throw new UnsupportedLayer(layer.name, `reads values of ${shape.length} dimensions`);
  return [
    {
      op: 'dense',
      kernel: weights.get(layer.name, 'kernel', [channels, units]),
      bias: weights.vector(layer.name, 'bias', units, use_bias ? null : 0),
      activation,
      weightNames: {
        kernel: weights.nameIf(true, layer.name, 'kernel'),
        bias: weights.nameIf(use_bias, layer.name, 'bias'),
      },
      shape: [units],
    },
  ];
});

export const denseLayers: Readonly<Record<string, LayerKind>> = { Dense: dense };
