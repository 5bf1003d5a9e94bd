import { z } from 'zod';
import { UnsupportedLayer } from '../unsupported-layer.js';
import { activation } from './activation.js';
import { anyShape, type LayerKind, layerKind, nameIf } from './converter.js';

const denseSettings = z.object({
  units: z.int().positive(),
  use_bias: z.boolean().default(true),
  activation,
});

const dense = layerKind(denseSettings, ({ layer, settings, inputs, weights }) => {
  const { units, use_bias, activation } = settings;
  const { shape, channels } = anyShape(layer, inputs);
  if (shape.length !== 1)
    throw new UnsupportedLayer(layer.name, 'reads an image: a Flatten layer must come first');
  return [
    {
      op: 'dense',
      kernel: weights.get(layer.name, 'kernel', [channels, units]),
      bias: weights.vector(layer.name, 'bias', units, use_bias ? null : 0),
      activation,
      weightNames: { kernel: nameIf(true, layer, 'kernel'), bias: nameIf(use_bias, layer, 'bias') },
      shape: [units],
    },
  ];
});

export const denseLayers: Readonly<Record<string, LayerKind>> = { Dense: dense };
