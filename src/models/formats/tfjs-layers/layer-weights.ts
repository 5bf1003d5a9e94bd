import { FoveaError } from '../../../platform/errors.js';
import type { Weights } from '../../plan/plan.js';
import { storedNumbers } from '../tfjs-files/stored-numbers.js';
import type { TfjsModel } from '../tfjs-files/tfjs-model.js';
import type { WeightSpec } from '../tfjs-files/weight-spec.js';
import { UnsupportedLayer } from './unsupported-layer.js';

/** The float32 weights of a model, by name: `<layer>/<weight>`. */
export class LayerWeights {
  readonly #byName: ReadonlyMap<string, Weights>;
  readonly #layers: ReadonlySet<string>;

  /** @throws FoveaError `model_invalid` when the files hold fewer numbers than the shapes need
   * @param layers names of all layers, those of nested models behind the model's name */
  constructor(model: TfjsModel, layers: readonly string[]) {
    const numbers = storedNumbers(model, refuse);
    this.#byName = new Map([...numbers].filter(([, { dtype }]) => dtype === 'float32'));
    this.#layers = new Set(layers);
  }

  /** @param shape -1 stands for any length
   * @throws FoveaError `model_invalid` when the weight is missing or has another shape */
  get(layer: string, weight: string, shape: readonly number[]): Weights {
    const found = this.#byName.get(this.#nameOf(layer, weight));
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

  /** The name of a weight in the file, where the layer has it. */
  nameIf(isThere: boolean, layer: string, weight: string): string | undefined {
    return isThere ? this.#nameOf(layer, weight) : undefined;
  }

  /** Keras and tfjs leave out the names of the models around a layer, as long as no other layer has the same name. */
  #nameOf(layer: string, weight: string): string {
    const bare = layer.slice(layer.lastIndexOf('/') + 1);
    const isOnly = ![...this.#layers].some((other) => other !== layer && `/${other}`.endsWith(`/${bare}`));
    const [full, short] = [`${layer}/${weight}`, `${bare}/${weight}`];
    return !this.#byName.has(full) && isOnly ? short : full;
  }
}

function refuse({ name, dtype }: WeightSpec): never {
  throw new UnsupportedLayer(name.slice(0, name.lastIndexOf('/')), `has weights of the type ${dtype}`);
}
