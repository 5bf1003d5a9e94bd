import { z } from 'zod';
import { readTopology, type StoredLayer, type Topology } from './topology.js';
import { UnsupportedLayer } from './unsupported-layer.js';

/** One layer of a model and the names of the layers that it reads. */
export interface Layer {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
}

/** The layers that the output depends on, each after its inputs. */
export interface LayerGraph {
  readonly layers: readonly Layer[];
  /** `[height, width, channels]` */
  readonly inputShape: readonly number[];
  /** Whether Keras 3 or later wrote the model. */
  readonly isKeras3: boolean;
}

/** `[layer, node, tensor, call arguments]` */
const connection = z.tuple([z.string(), z.int(), z.int()]).rest(z.unknown());
const inboundNodes = z.array(z.array(connection));
const oneInputAndOutput = z.looseObject({
  input_layers: z.tuple([connection]),
  output_layers: z.tuple([connection]),
});

/** @param topology `modelTopology` of model.json
 * @throws UnsupportedLayer */
export function readLayerGraph(topology: unknown): LayerGraph {
  const model = readTopology(topology);
  const layers = model === undefined ? undefined : layersOf(model);
  if (model === undefined || layers === undefined)
    throw new UnsupportedLayer(
      'model',
      'is not a sequential or functional model with one input and one output',
    );
  return { layers, inputShape: inputShapeOf(layers), isKeras3: model.isKeras3 };
}

function layersOf({ className, config }: Topology): Layer[] | undefined {
  if (className === 'Sequential') return chain(config.layers);
  const ends = oneInputAndOutput.safeParse(config);
  if (!['Model', 'Functional'].includes(className) || !ends.success) return undefined;
  return inOrder(config.layers, ends.data.output_layers[0][0]);
}

function chain(layers: readonly StoredLayer[]): Layer[] {
  const first = layers[0];
  if (first === undefined) throw new UnsupportedLayer('model', 'has no layers');
  const result: Layer[] = [];
  if (first.class_name !== 'InputLayer')
    result.push({ name: ' input', className: 'InputLayer', config: first.config, inputs: [] });
  for (const { class_name, config } of layers) {
    const inputs = result.slice(-1).map((layer) => layer.name);
    result.push({ name: config.name, className: class_name, config, inputs });
  }
  return result;
}

/** Depth first from the output, so that each layer comes after its inputs. */
function inOrder(layers: readonly StoredLayer[], output: string): Layer[] {
  const byName = new Map(layers.map((layer) => [layer.name ?? layer.config.name, layer]));
  const done = new Map<string, Layer>();
  const open = new Set<string>();
  const visit = (name: string): void => {
    if (done.has(name)) return;
    const layer = byName.get(name);
    if (layer === undefined || open.has(name)) throw new UnsupportedLayer(name, 'is missing or reads itself');
    const nodes = inboundNodes.safeParse(layer.inbound_nodes);
    if (!nodes.success) throw new UnsupportedLayer(name, 'has inbound_nodes of an unknown form');
    if (nodes.data.length > 1) throw new UnsupportedLayer(name, 'is used more than once');
    open.add(name);
    const inputs = (nodes.data[0] ?? []).map(([input]) => input);
    for (const input of inputs) visit(input);
    done.set(name, { name, className: layer.class_name, config: layer.config, inputs });
  };
  visit(output);
  return [...done.values()];
}

function inputShapeOf(layers: readonly Layer[]): readonly number[] {
  const inputs = layers.filter((layer) => layer.className === 'InputLayer');
  const first = layers[0];
  if (first === undefined || inputs.length !== 1 || inputs[0] !== first)
    throw new UnsupportedLayer('model', 'does not start with a single input layer');
  const shape = z.tuple([z.null(), z.int().positive(), z.int().positive(), z.int().positive()]);
  const parsed = shape.safeParse(first.config.batch_input_shape);
  if (!parsed.success) throw new UnsupportedLayer(first.name, 'does not read images of one fixed size');
  return parsed.data.slice(1).map(Number);
}
