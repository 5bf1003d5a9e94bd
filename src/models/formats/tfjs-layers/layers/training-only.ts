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

export const trainingOnlyLayers: Readonly<Record<string, LayerKind>> = {
  Dropout: dropout,
  ...Object.fromEntries([
    trainingOnly('SpatialDropout2D', ['rate', 'noise_shape', 'data_format']),
    trainingOnly('AlphaDropout', ['rate', 'noise_shape']),
    trainingOnly('GaussianDropout', ['rate']),
    trainingOnly('GaussianNoise', ['stddev']),
    trainingOnly('ActivityRegularization', ['l1', 'l2']),
  ]),
};
