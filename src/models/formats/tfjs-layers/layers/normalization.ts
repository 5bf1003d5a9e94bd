import { z } from 'zod';
import { UnsupportedLayer } from '../unsupported-layer.js';
import { anyShape, type LayerKind, layerKind, nameIf } from './converter.js';

const batchNormSettings = z.object({
  axis: z.union([z.int(), z.tuple([z.int()]).transform(([axis]) => axis)]).default(-1),
  epsilon: z.number().default(1e-3),
  momentum: z.number().default(0.99),
  center: z.boolean().default(true),
  scale: z.boolean().default(true),
});
const rescalingSettings = z.object({ scale: z.number(), offset: z.number().default(0) });

const batchNorm = layerKind(batchNormSettings, ({ layer, settings, inputs, weights }) => {
  const { shape, channels } = anyShape(layer, inputs);
  if (settings.axis !== -1 && settings.axis !== shape.length)
    throw new UnsupportedLayer(layer.name, 'normalizes another dimension than the channels');
  const { scale, center, epsilon, momentum } = settings;
  return [
    {
      op: 'batchNorm',
      gamma: weights.vector(layer.name, 'gamma', channels, scale ? null : 1),
      beta: weights.vector(layer.name, 'beta', channels, center ? null : 0),
      mean: weights.vector(layer.name, 'moving_mean', channels, null),
      variance: weights.vector(layer.name, 'moving_variance', channels, null),
      epsilon,
      momentum,
      weightNames: {
        gamma: nameIf(scale, layer, 'gamma'),
        beta: nameIf(center, layer, 'beta'),
        mean: nameIf(true, layer, 'moving_mean'),
        variance: nameIf(true, layer, 'moving_variance'),
      },
      shape,
    },
  ];
});

const rescaling = layerKind(rescalingSettings, ({ layer, settings: { scale, offset }, inputs }) => {
  const { shape, channels } = anyShape(layer, inputs);
  return [
    {
      op: 'scaleShift',
      scale: new Float32Array(channels).fill(scale),
      shift: new Float32Array(channels).fill(offset),
      shape,
    },
  ];
});

export const normalizationLayers: Readonly<Record<string, LayerKind>> = {
  BatchNormalization: batchNorm,
  Rescaling: rescaling,
};
