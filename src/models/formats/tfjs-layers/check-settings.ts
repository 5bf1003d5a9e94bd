import { FoveaError } from '../../../platform/errors.js';
import { LAYER_KINDS } from './layers/all.js';
import { readTopology, type StoredLayer } from './topology.js';

/** Settings of any layer that say how it is trained, named, stored or fed, but do not change what it computes. */
const HARMLESS: ReadonlySet<string> = new Set([
  ...['name', 'trainable', 'dtype', 'input_dtype', 'autocast', 'seed'],
  ...['batch_input_shape', 'batch_shape', 'batch_size', 'input_shape', 'sparse', 'ragged', 'optional'],
  // Of batch norms: how training computes and gathers its statistics.
  ...['fused', 'synchronized', 'virtual_batch_size', 'renorm', 'renorm_clipping', 'renorm_momentum'],
]);
const HARMLESS_ENDING = /_(initializer|regularizer|constraint)$/;

/** tfjs' own layers do not read these. */
const UNKNOWN_TO_TFJS = ['negative_slope', 'threshold'];

function hasValue(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function refuse({ class_name: kind, config }: StoredLayer, reason: string): FoveaError {
  return new FoveaError('model_invalid', `The layer ${config.name} (${kind}) ${reason}.`);
}

/**
 * Looks for settings that everything here would ignore, because the model would answer wrongly without a word. A layer of
 * an unknown kind is not looked at: no plan has it, and tfjs refuses those that it does not know itself.
 * @param topology `modelTopology` of model.json
 * @throws FoveaError `model_invalid`
 */
export function checkSettings(topology: unknown): void {
  const { isKeras3 = false, config: { layers } = { layers: [] } } = readTopology(topology) ?? {};
  for (const layer of layers) {
    const known = LAYER_KINDS.get(layer.class_name)?.settings;
    const unknown = Object.entries(layer.config).find(
      ([name, value]) =>
        known !== undefined &&
        hasValue(value) &&
        !known.includes(name) &&
        !HARMLESS.has(name) &&
        !HARMLESS_ENDING.test(name),
    );
    if (unknown !== undefined) throw refuse(layer, `has a setting of unknown meaning: ${unknown[0]}`);
    if (isKeras3 && layer.config.activation === 'hard_sigmoid')
      throw refuse(
        layer,
        'has the hard_sigmoid of Keras 3, x / 6 + 0.5; only that of Keras 2, 0.2 x + 0.5, is known',
      );
  }
}

/** The same for a model that has no plan: tfjs itself then executes it, and ignores more.
 * @throws FoveaError `model_invalid` */
export function checkSettingsForTfjs(topology: unknown): void {
  for (const layer of readTopology(topology)?.config.layers ?? []) {
    const ignored = UNKNOWN_TO_TFJS.find((name) => hasValue(layer.config[name]) && layer.config[name] !== 0);
    if (ignored !== undefined) throw refuse(layer, `has a setting that tfjs does not know: ${ignored}`);
  }
}
