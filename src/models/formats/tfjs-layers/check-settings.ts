import { FoveaError } from '../../../platform/errors.js';
import { LAYER_KINDS } from './layers/all.js';
import { allLayers, readTopology, type StoredLayer } from './topology.js';

/** Settings of layers that concern training, names, storage or input, but do not change the layer's output. */
const HARMLESS: ReadonlySet<string> = new Set([
  ...['name', 'trainable', 'dtype', 'input_dtype', 'autocast', 'seed'],
  ...['batch_input_shape', 'batch_shape', 'batch_size', 'input_shape', 'sparse', 'ragged', 'optional'],
  // Batch norms: how training computes and gathers statistics.
  ...['fused', 'synchronized', 'virtual_batch_size', 'renorm', 'renorm_clipping', 'renorm_momentum'],
]);
const HARMLESS_ENDING = /_(initializer|regularizer|constraint)$/;

/** Settings that tfjs' own layers ignore. */
const UNKNOWN_TO_TFJS = ['negative_slope', 'threshold'];

function hasValue(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function refuse({ class_name: kind, config }: StoredLayer, reason: string): FoveaError {
  return new FoveaError('model_invalid', `The layer ${config.name} (${kind}) ${reason}.`);
}

/**
 * Refuses settings that no engine reads, because otherwise the model would silently give wrong answers. Layers of an unknown
 * kind are skipped: plans lack them, and tfjs refuses kinds that it does not know.
 * @param topology `modelTopology` of model.json
 * @throws FoveaError `model_invalid`
 */
export function checkSettings(topology: unknown): void {
  const model = readTopology(topology);
  for (const { layer } of model === undefined ? [] : allLayers(model)) {
    const known = LAYER_KINDS.get(layer.class_name)?.settings;
    const unknown = Object.entries(layer.config).find(
      ([name, value]) =>
        known !== undefined &&
        hasValue(value) &&
        !known.includes(name) &&
        !HARMLESS.has(name) &&
        !HARMLESS_ENDING.test(name),
    );
    if (unknown !== undefined) throw refuse(layer, `has the unknown setting ${unknown[0]}`);
  }
}

/** The same for a model without a plan, which tfjs executes: tfjs ignores further settings.
 * @throws FoveaError `model_invalid` */
export function checkSettingsForTfjs(topology: unknown): void {
  const model = readTopology(topology);
  for (const { layer } of model === undefined ? [] : allLayers(model)) {
    const ignored = UNKNOWN_TO_TFJS.find((name) => hasValue(layer.config[name]) && layer.config[name] !== 0);
    if (ignored !== undefined) throw refuse(layer, `has the setting ${ignored}, which tfjs ignores`);
    if (model?.isKeras3 === true && layer.config.activation === 'hard_sigmoid')
      throw refuse(
        layer,
        'has the hard_sigmoid of Keras 3, x / 6 + 0.5; tfjs has only that of Keras 2, 0.2 x + 0.5',
      );
  }
}
