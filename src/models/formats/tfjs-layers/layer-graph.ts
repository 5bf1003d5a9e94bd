import { z } from 'zod';
import { callsOf, endOf } from './layer-calls.js';
import { readTopology, type StoredLayer, type Topology } from './topology.js';
import { UnsupportedLayer } from './unsupported-layer.js';

/** One call of a layer, with the calls that it reads. Nested models are laid out flat. */
export interface Layer {
  /** Unique: a layer that is called twice is in the graph twice. */
  readonly id: string;
  /** The layer's name, behind those of the models around it: `base/Conv1`. */
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Ids. */
  readonly inputs: readonly string[];
  /** Operands of `Add` and `Multiply` that are numbers. */
  readonly constants: readonly number[];
  /** Whether other calls have the same weights. */
  readonly isShared: boolean;
}

/** The layers that the output depends on, each after its inputs. */
export interface LayerGraph {
  readonly layers: readonly Layer[];
  /** The id that stands for the images. */
  readonly input: string;
  /** The id of the layer that gives the classes. */
  readonly output: string;
  /** `[height, width, channels]` */
  readonly inputShape: readonly number[];
}

/** A model file is a stranger's: what it may ask of us. */
const LARGEST_DEPTH = 16;
const MOST_LAYERS = 20_000;

/** @param topology `modelTopology` of model.json
 * @throws UnsupportedLayer */
export function readLayerGraph(topology: unknown): LayerGraph {
  const model = readTopology(topology);
  if (model === undefined) throw new UnsupportedLayer('model', 'is not a network of layers');
  const input = ' input';
  const flattening = new Flattening(model.isKeras3);
  const output = flattening.add(model, '', [input]);
  return { layers: flattening.layers, input, output, inputShape: inputShapeOf(model.config.layers) };
}

class Flattening {
  readonly layers: Layer[] = [];
  readonly #isKeras3: boolean;
  #depth = 0;

  constructor(isKeras3: boolean) {
    this.#isKeras3 = isKeras3;
  }

  /** Lays out a model behind what its caller feeds it.
   * @param path of the model itself, ending in a slash; '' for the outermost
   * @returns the id of its output */
  add({ className, config }: Omit<Topology, 'isKeras3'>, path: string, inputs: readonly string[]): string {
    if (++this.#depth > LARGEST_DEPTH) throw new UnsupportedLayer(path, 'is nested too deeply');
    try {
      return className === 'Sequential'
        ? this.#chain(config.layers, path, inputs)
        : this.#functional({ className, config }, path, inputs);
    } finally {
      this.#depth--;
    }
  }

  #chain(layers: readonly StoredLayer[], path: string, inputs: readonly string[]): string {
    if (layers.length === 0) throw new UnsupportedLayer(path || 'model', 'has no layers');
    let read = inputs;
    for (const layer of layers)
      if (layer.class_name !== 'InputLayer')
        read = [this.#call(layer, path, { inputs: read, node: 0, calls: 1 })];
    return read[0] ?? '';
  }

  /** Depth first from the output, so that each layer comes after its inputs. */
  #functional({ config }: Omit<Topology, 'isKeras3'>, path: string, inputs: readonly string[]): string {
    const [from, to] = [endOf(config.input_layers), endOf(config.output_layers)];
    if (from === undefined || to === undefined)
      throw new UnsupportedLayer(
        path.slice(0, -1) || 'model',
        'is not a sequential or functional model with one input and one output',
      );
    const byName = new Map(config.layers.map((layer) => [layer.name ?? layer.config.name, layer]));
    const done = new Map([[`${from.layer}:${from.node}`, inputs[0] ?? '']]);
    const open = new Set<string>();
    const visit = (name: string, node: number): string => {
      const key = `${name}:${node}`;
      const known = done.get(key);
      if (known !== undefined) return known;
      const layer = byName.get(name);
      if (layer === undefined || open.has(key))
        throw new UnsupportedLayer(path + name, 'is missing or reads itself');
      const calls = callsOf(layer, path);
      const call = calls[node];
      if (call === undefined)
        throw new UnsupportedLayer(path + name, 'does not start with a single input layer');
      open.add(key);
      const read = call.inputs.map((input) => visit(input.layer, input.node));
      const id = this.#call(layer, path, {
        inputs: read,
        node,
        calls: calls.length,
        constants: call.constants,
      });
      done.set(key, id);
      return id;
    };
    return visit(to.layer, to.node);
  }

  /** @returns the id of what the call gives */
  #call(
    layer: StoredLayer,
    path: string,
    call: { inputs: readonly string[]; node: number; calls: number; constants?: readonly number[] },
  ): string {
    const { inputs, node, calls, constants = [] } = call;
    const name = path + layer.config.name;
    const nested = readTopology(layer);
    if (nested !== undefined) return this.add(nested, `${name}/`, inputs);
    if (this.layers.length >= MOST_LAYERS) throw new UnsupportedLayer('model', 'has too many layers');
    const again = this.layers.filter((known) => known.name === name).length;
    const id = again === 0 ? name : `${name}:${node}:${again}`;
    const isShared = calls > 1 || again > 0;
    const config = this.#isKeras3 ? asKeras2(layer.config) : layer.config;
    this.layers.push({ id, name, className: layer.class_name, config, inputs, constants, isShared });
    return id;
  }
}

/** Keras 3 has another hard sigmoid under the name that Keras 2 has for its own. */
function asKeras2(config: StoredLayer['config']): StoredLayer['config'] {
  return config.activation === 'hard_sigmoid' ? { ...config, activation: 'hard_sigmoid_of_keras_3' } : config;
}

function inputShapeOf(layers: readonly StoredLayer[]): readonly number[] {
  const first = layers.find((layer) => layer.class_name === 'InputLayer') ?? layers[0];
  const inner = first === undefined ? undefined : readTopology(first);
  if (inner !== undefined) return inputShapeOf(inner.config.layers);
  const shape = z.tuple([z.null(), z.int().positive(), z.int().positive(), z.int().positive()]);
  const parsed = shape.safeParse(first?.config.batch_input_shape ?? first?.config.batch_shape);
  if (!parsed.success)
    throw new UnsupportedLayer(first?.config.name ?? 'model', 'does not read images of one fixed size');
  return parsed.data.slice(1).map(Number);
}
