import { z } from 'zod';
import type { Layer } from '../layer-graph.js';
import { UnsupportedLayer } from '../unsupported-layer.js';
import { anyShape, type LayerKind, layerKind } from './converter.js';

const batchNormSettings = z.object({
  axis: z.union([z.int(), z.tuple([z.int()]).transform(([axis]) => axis)]).default(-1),
  epsilon: z.number().default(1e-3),
  momentum: z.number().default(0.99),
  center: z.boolean().default(true),
  scale: z.boolean().default(true),
});
const perChannel = z.union([z.number(), z.array(z.number())]);
const rescalingSettings = z.object({ scale: perChannel, offset: perChannel.default(0) });
const layerNormSettings = z.object({
  axis: batchNormSettings.shape.axis,
  epsilon: z.number().default(1e-3),
  center: z.boolean().default(true),
  scale: z.boolean().default(true),
  rms_scaling: z.literal(false).nullish(),
});
const layerScaleSettings = z.object({ init_values: z.unknown(), projection_dim: z.int().positive() });
/** Nested lists, as NumPy's arrays of any rank become. */
const numbers: z.ZodType<number[]> = z.union([
  z.number().transform((one) => [one]),
  z.array(z.lazy(() => numbers)).transform((lists) => lists.flat()),
]);
const standardizingSettings = z.object({
  axis: batchNormSettings.shape.axis.nullish(),
  mean: numbers.nullish(),
  variance: numbers.nullish(),
  invert: z.literal(false).nullish(),
});

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
        gamma: weights.nameIf(scale, layer.name, 'gamma'),
        beta: weights.nameIf(center, layer.name, 'beta'),
        mean: weights.nameIf(true, layer.name, 'moving_mean'),
        variance: weights.nameIf(true, layer.name, 'moving_variance'),
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
      scale: spread(layer, scale, channels),
      shift: spread(layer, offset, channels),
      shape,
    },
  ];
});

function spread(layer: Layer, value: number | readonly number[], channels: number): Float32Array {
  if (typeof value === 'number') return new Float32Array(channels).fill(value);
  if (value.length === 1) return new Float32Array(channels).fill(value[0] ?? 0);
  if (value.length !== channels)
    throw new UnsupportedLayer(layer.name, `has ${value.length} numbers for ${channels} channels`);
  return Float32Array.from(value);
}

const layerNorm = layerKind(layerNormSettings, ({ layer, settings, inputs, weights }) => {
  const { shape, channels } = anyShape(layer, inputs);
  if (settings.axis !== -1 && settings.axis !== shape.length)
    throw new UnsupportedLayer(layer.name, 'normalises a dimension other than the channels');
  const gamma = weights.vector(layer.name, 'gamma', channels, settings.scale ? null : 1);
  const beta = weights.vector(layer.name, 'beta', channels, settings.center ? null : 0);
  return [{ op: 'layerNorm', gamma, beta, epsilon: settings.epsilon, shape }];
});

/** Of keras.applications' ConvNeXt. */
const layerScale = layerKind(layerScaleSettings, ({ layer, inputs, weights }) => {
  const { shape, channels } = anyShape(layer, inputs);
  const scale = weights.vector(layer.name, 'gamma', channels, null);
  return [{ op: 'scaleShift', scale, shift: new Float32Array(channels), shape }];
});

/** `(x − mean) / max(sqrt(variance), ε)`, of numbers that `adapt` found or the settings state.
 * @source Keras, keras/src/layers/preprocessing/normalization.py */
const standardizing = layerKind(standardizingSettings, ({ layer, settings, inputs, weights }) => {
  const { shape, channels } = anyShape(layer, inputs);
  if (![undefined, null, -1, shape.length].includes(settings.axis))
    throw new UnsupportedLayer(layer.name, 'normalises a dimension other than the channels');
  const stated = (value: readonly number[] | null | undefined, name: string) =>
    value ? spread(layer, value, channels) : weights.vector(layer.name, name, channels, null);
  const mean = stated(settings.mean, 'mean');
  const scale = stated(settings.variance, 'variance').map(
    (variance) => 1 / Math.max(Math.sqrt(variance), 1e-7),
  );
  return [
    { op: 'scaleShift', scale, shift: mean.map((value, channel) => -value * (scale[channel] ?? 0)), shape },
  ];
});

export const normalizationLayers: Readonly<Record<string, LayerKind>> = {
  BatchNormalization: batchNorm,
  Rescaling: rescaling,
  LayerNormalization: layerNorm,
  LayerScale: layerScale,
  Normalization: standardizing,
};
