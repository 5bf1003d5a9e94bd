import { z } from 'zod';
import { anyShape, type LayerKind, layerKind } from './converter.js';

const ignored = z.unknown().optional();

const dropout = layerKind(
  z.object({ rate: z.number().min(0).lt(1), noise_shape: ignored }),
  ({ layer, settings: { rate }, inputs }) => [{ op: 'dropout', rate, shape: anyShape(layer, inputs).shape }],
);

/** A layer that returns its input in inference.
 * @param settings ignored, because they matter in training only */
function trainingOnly(kind: string, settings: readonly string[]): [string, LayerKind] {
  const schema = z.object(Object.fromEntries(settings.map((name) => [name, ignored])));
  return [
    kind,
    layerKind(schema, ({ layer, inputs }) => [
      { op: 'trainingOnly', kind, shape: anyShape(layer, inputs).shape },
    ]),
  ];
}

/** Keras lets photographs vary inside the network. */
const AUGMENTATIONS: readonly (readonly [string, readonly string[]])[] = [
  ['RandomFlip', ['mode']],
  ['RandomRotation', ['factor', 'fill_mode', 'fill_value', 'interpolation', 'value_range']],
  ['RandomZoom', ['height_factor', 'width_factor', 'fill_mode', 'fill_value', 'interpolation']],
  ['RandomTranslation', ['height_factor', 'width_factor', 'fill_mode', 'fill_value', 'interpolation']],
  ['RandomContrast', ['factor', 'value_range']],
  ['RandomBrightness', ['factor', 'value_range']],
];

export const trainingOnlyLayers: Readonly<Record<string, LayerKind>> = {
  Dropout: dropout,
  ...Object.fromEntries([
    trainingOnly('SpatialDropout2D', ['rate', 'noise_shape', 'data_format']),
    trainingOnly('AlphaDropout', ['rate', 'noise_shape']),
    trainingOnly('GaussianDropout', ['rate']),
    // Of keras.applications' ConvNeXt.
    trainingOnly('StochasticDepth', ['drop_path_rate']),
    ...AUGMENTATIONS.map(([kind, settings]) => trainingOnly(kind, [...settings, 'data_format'])),
    trainingOnly('GaussianNoise', ['stddev']),
    trainingOnly('ActivityRegularization', ['l1', 'l2']),
  ]),
};
