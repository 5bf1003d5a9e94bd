import { z } from 'zod';
import { UnsupportedLayer } from '../unsupported-layer.js';
import { anyShape, type Converter, settingsOf } from './converter.js';

const batchNormSettings = z.object({
  axis: z.union([z.int(), z.tuple([z.int()]).transform(([axis]) => axis)]).default(-1),
  epsilon: z.number().default(1e-3),
  center: z.boolean().default(true),
  scale: z.boolean().default(true),
});
const rescalingSettings = z.object({ scale: z.number(), offset: z.number().default(0) });

/** In inference a batch norm is one factor and one summand a channel.
 * @source Ioffe and Szegedy 2015, algorithm 2: y = gamma · (x − mean) / sqrt(variance + epsilon) + beta */
const batchNorm: Converter = (layer, inputs, weights) => {
  const settings = settingsOf(layer, batchNormSettings);
  const { shape, channels } = anyShape(layer, inputs);
  if (settings.axis !== -1 && settings.axis !== shape.length)
    throw new UnsupportedLayer(layer.name, 'normalises another dimension than the channels');
  const gamma = weights.vector(layer.name, 'gamma', channels, settings.scale ? null : 1);
  const beta = weights.vector(layer.name, 'beta', channels, settings.center ? null : 0);
  const mean = weights.vector(layer.name, 'moving_mean', channels, null);
  const variance = weights.vector(layer.name, 'moving_variance', channels, null);
  const scale = gamma.map((factor, channel) => factor / Math.sqrt(at(variance, channel) + settings.epsilon));
  const shift = beta.map((summand, channel) => summand - at(mean, channel) * at(scale, channel));
  return [{ op: 'scaleShift', scale, shift, shape }];
};

const rescaling: Converter = (layer, inputs) => {
  const { scale, offset } = settingsOf(layer, rescalingSettings);
  const { shape, channels } = anyShape(layer, inputs);
  return [
    {
      op: 'scaleShift',
      scale: new Float32Array(channels).fill(scale),
      shift: new Float32Array(channels).fill(offset),
      shape,
    },
  ];
};

function at(values: Float32Array, index: number): number {
  return values[index] ?? Number.NaN;
}

export const normalizationLayers: Readonly<Record<string, Converter>> = {
  BatchNormalization: batchNorm,
  Rescaling: rescaling,
};
