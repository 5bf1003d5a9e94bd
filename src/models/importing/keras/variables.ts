import type { StoredLayer } from '../../formats/tfjs-layers/topology.js';

/** The weights of each kind of layer, in the order in which Keras 3 numbers them. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  Conv2D: ['kernel', 'bias'],
  Dense: ['kernel', 'bias'],
  DepthwiseConv2D: ['depthwise_kernel', 'bias'],
  SeparableConv2D: ['depthwise_kernel', 'pointwise_kernel', 'bias'],
  LayerScale: ['gamma'],
  Normalization: ['mean', 'variance'],
};

/** @returns none for kinds of layers that have no weights, or that no plan has */
export function variablesOf({ class_name: kind, config }: StoredLayer): readonly string[] {
  if (kind !== 'BatchNormalization' && kind !== 'LayerNormalization') return VARIABLES[kind] ?? [];
  const affine = [...(config.scale === false ? [] : ['gamma']), ...(config.center === false ? [] : ['beta'])];
  return kind === 'LayerNormalization' ? affine : [...affine, 'moving_mean', 'moving_variance'];
}
