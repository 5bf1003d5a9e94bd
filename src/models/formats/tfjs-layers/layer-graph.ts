import { z } from 'zod';
import { UnsupportedLayer } from './unsupported-layer.js';

/** One layer of a model and the layers that it reads. */
export interface Layer {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
}

/** The layers that the output depends on, each behind all that it reads; the first is the input. */
export interface LayerGraph {
  readonly layers: readonly Layer[];
  /** `[height, width, channels]` */
  readonly inputShape: readonly number[];
}

/** `[layer, node, tensor, call arguments]` */
const connection = z.tuple([z.string(), z.int(), z.int()]).rest(z.unknown());
const layerConfig = z.looseObject({
  name: z.string(),
  batch_input_shape: z.array(z.int().nullable()).optional(),
});

const sequentialLayer = z.looseObject({ class_name: z.string(), config: layerConfig });
const functionalLayer = z.looseObject({
  name: z.string(),
  class_name: z.string(),
  config: layerConfig,
  inbound_nodes: z.array(z.array(connection)),
});

const sequential = z.object({
  class_name: z.literal('Sequential'),
  config: z.union([
    z.array(sequentialLayer),
    z.object({ layers: z.array(sequentialLayer) }).transform((config) => config.layers),
  ]),
});
const functional = z.object({
  class_name: z.enum(['Model', 'Functional']),
  config: z.object({
    layers: z.array(functionalLayer),
    input_layers: z.tuple([connection]),
    output_layers: z.tuple([connection]),
  }),
});

/** Keras wraps the model once more than tfjs does. */
const topologySchema = z.union([
  z.object({ model_config: z.union([sequential, functional]) }).transform((wrapped) => wrapped.model_config),
  z.union([sequential, functional]),
]);

/** @param topology `modelTopology` of model.json
 * @throws UnsupportedLayer */
export function readLayerGraph(topology: unknown): LayerGraph {
  const parsed = topologySchema.safeParse(topology);
  if (!parsed.success)
    throw new UnsupportedLayer('model', 'is no sequential or functional model with one input and output');
  const model = parsed.data;
  const layers =
    model.class_name === 'Sequential'
      ? chain(model.config)
      : inOrder(model.config.layers, model.config.output_layers[0][0]);
  return { layers, inputShape: inputShapeOf(layers) };
}

function chain(layers: readonly z.infer<typeof sequentialLayer>[]): Layer[] {
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

/** Depth first from the output, so that layers come behind those that they read. */
function inOrder(layers: readonly z.infer<typeof functionalLayer>[], output: string): Layer[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const done = new Map<string, Layer>();
  const open = new Set<string>();
  const visit = (name: string): void => {
    if (done.has(name)) return;
    const layer = byName.get(name);
    if (layer === undefined || open.has(name)) throw new UnsupportedLayer(name, 'is missing or reads itself');
    if (layer.inbound_nodes.length > 1) throw new UnsupportedLayer(name, 'is used more than once');
    open.add(name);
    const inputs = (layer.inbound_nodes[0] ?? []).map(([input]) => input);
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
    throw new UnsupportedLayer('model', 'does not start with its one input');
  const shape = z.tuple([z.null(), z.int().positive(), z.int().positive(), z.int().positive()]);
  const parsed = shape.safeParse(first.config.batch_input_shape);
  if (!parsed.success) throw new UnsupportedLayer(first.name, 'takes no images of one fixed size');
  return parsed.data.slice(1).map(Number);
}
