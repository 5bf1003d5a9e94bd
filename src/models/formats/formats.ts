import type { ModelFormat } from './format.js';
import { onnx } from './onnx/onnx.js';
import { savedModel } from './saved-model/saved-model.js';
import { tfjsGraph } from './tfjs-graph/tfjs-graph.js';
import { tfjsLayers } from './tfjs-layers/tfjs-layers.js';

/** All formats; the first that recognizes a folder opens it. */
export const FORMATS: readonly ModelFormat[] = [tfjsLayers, tfjsGraph, onnx, savedModel];
