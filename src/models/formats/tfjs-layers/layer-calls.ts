import { z } from 'zod';
import type { StoredLayer } from './topology.js';
import { UnsupportedLayer } from './unsupported-layer.js';

/** A tensor that a layer gives: a shared layer gives one for each of its calls. */
export interface Origin {
  readonly layer: string;
  /** Which call. */
  readonly node: number;
}

/** What one call of a layer reads. */
export interface LayerCall {
  readonly inputs: readonly Origin[];
  readonly constants: readonly number[];
}

/** `[layer, node, tensor, call arguments]`, of Keras 2 and tfjs */
const connection = z.tuple([z.string(), z.int(), z.int()]).rest(z.unknown());
const keras2Node = z.union([z.array(connection), connection.transform((one) => [one])]);

/** Of Keras 3. */
const keras3Node = z.looseObject({ args: z.array(z.unknown()), kwargs: z.record(z.string(), z.unknown()) });
const kerasTensor = z.looseObject({
  class_name: z.literal('__keras_tensor__'),
  config: z.looseObject({ keras_history: connection }),
});

/** The calls of a layer of a functional model, in their order.
 * @throws UnsupportedLayer for calls with tensors beyond those that the layer merges */
export function callsOf(layer: StoredLayer, path: string): LayerCall[] {
  const name = path + layer.config.name;
  const nodes = z.array(z.unknown()).safeParse(layer.inbound_nodes ?? []);
  if (!nodes.success) throw new UnsupportedLayer(name, 'has inbound_nodes of an unknown form');
  return nodes.data.map((node) => {
    const old = keras2Node.safeParse(node);
    if (old.success) return { inputs: old.data.map(originOf), constants: [] };
    const call = keras3Node.safeParse(node);
    if (!call.success) throw new UnsupportedLayer(name, 'has inbound_nodes of an unknown form');
    if (tensorsIn(Object.values(call.data.kwargs)).length > 0)
      throw new UnsupportedLayer(name, 'is called with named tensors');
    return { inputs: tensorsIn(call.data.args), constants: numbersIn(call.data.args) };
  });
}

/** The one tensor that a model starts or ends with; undefined when there are several. */
export function endOf(layers: unknown): Origin | undefined {
  const parsed = z.union([connection, z.tuple([connection]).transform(([one]) => one)]).safeParse(layers);
  return parsed.success ? originOf(parsed.data) : undefined;
}

function originOf([layer, node]: z.infer<typeof connection>): Origin {
  return { layer, node };
}

function tensorsIn(values: readonly unknown[]): Origin[] {
  return values.flatMap((value) => {
    const tensor = kerasTensor.safeParse(value);
    if (tensor.success) return [originOf(tensor.data.config.keras_history)];
    return Array.isArray(value) ? tensorsIn(value) : [];
  });
}

function numbersIn(values: readonly unknown[]): number[] {
  return values.filter((value) => typeof value === 'number');
}
