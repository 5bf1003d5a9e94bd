import { FoveaError } from '../../../platform/errors.js';
import { sizeOf, type Weights } from '../../plan/plan.js';
import type { LayersModel } from './layers-model.js';
import { UnsupportedLayer } from './unsupported-layer.js';

/** The float32 weights of a model, by name: `<layer>/<weight>`. */
export class LayerWeights {
  readonly #byName: ReadonlyMap<string, Weights>;

  /** @throws FoveaError `model_invalid` when the files hold fewer numbers than the shapes need
   * @throws UnsupportedLayer for weights that are not plain float32 */
  constructor(model: LayersModel) {
    const byName = new Map<string, Weights>();
    let offset = 0;
    for (const spec of model.weightSpecs) {
      const layer = spec.name.split('/')[0] ?? spec.name;
      if (spec.dtype !== 'float32' || spec.quantization !== undefined)
        throw new UnsupportedLayer(layer, `weight ${spec.name} is not plain float32`);
      const count = sizeOf(spec.shape);
      const end = offset + count * Float32Array.BYTES_PER_ELEMENT;
      if (end > model.weightData.byteLength)
        throw new FoveaError('model_invalid', `The weights end before ${spec.name}.`);
      byName.set(spec.name, {
        shape: spec.shape,
        values: new Float32Array(model.weightData.slice(offset, end)),
      });
      offset = end;
    }
    this.#byName = byName;
  }

  /** @param shape -1 stands for any length
   * @throws FoveaError `model_invalid` when the weight is missing or has another shape */
  get(layer: string, weight: string, shape: readonly number[]): Weights {
    const found = this.#byName.get(`${layer}/${weight}`);
    const fits =
      found?.shape.length === shape.length &&
      shape.every((length, index) => length === -1 || length === found.shape[index]);
    if (found === undefined || !fits) {
      const actual = found ? `[${found.shape.join(', ')}]` : 'nothing';
      const wanted = `[${shape.map((length) => (length === -1 ? 'any' : length)).join(', ')}]`;
      throw new FoveaError(
        'model_invalid',
        `Expected ${layer}/${weight} of shape ${wanted}, found ${actual}.`,
      );
    }
    return found;
  }

  /** @param fallback the value of each element when the layer lacks this weight; null when it must have it */
  vector(layer: string, weight: string, length: number, fallback: number | null): Float32Array {
    if (fallback !== null) return new Float32Array(length).fill(fallback);
    return this.get(layer, weight, [length]).values;
  }
}
