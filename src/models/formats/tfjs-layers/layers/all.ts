import { activationLayers } from './activation.js';
import type { LayerKind } from './converter.js';
import { convolutionLayers } from './convolution.js';
import { denseLayers } from './dense.js';
import { mergeLayers } from './merge.js';
import { normalizationLayers } from './normalization.js';
import { poolingLayers } from './pooling.js';
import { shapeLayers } from './shape.js';
import { trainingOnlyLayers } from './training-only.js';

/** By `class_name` in `model.json`. */
export const LAYER_KINDS: ReadonlyMap<string, LayerKind> = new Map(
  [
    convolutionLayers,
    denseLayers,
    poolingLayers,
    normalizationLayers,
    activationLayers,
    shapeLayers,
    mergeLayers,
    trainingOnlyLayers,
  ].flatMap((layers) => Object.entries(layers)),
);
