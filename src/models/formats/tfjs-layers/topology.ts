import { z } from 'zod';

const layerSchema = z.looseObject({
  name: z.string().optional(),
  class_name: z.string(),
  config: z.looseObject({ name: z.string() }),
  /** Functional models only; `layer-graph.ts` reads it. */
  inbound_nodes: z.unknown().optional(),
});

const network = z.looseObject({
  class_name: z.string(),
  // In sequential models of Keras 1 and early Keras 2, `config` is the list of layers.
  config: z.union([
    z
      .array(layerSchema)
      .transform((layers) => ({ layers, input_layers: undefined, output_layers: undefined })),
    z.looseObject({
      layers: z.array(layerSchema),
      input_layers: z.unknown().optional(),
      output_layers: z.unknown().optional(),
    }),
  ]),
});

const kerasVersion = z.string().optional();

/** Keras wraps the model in `model_config`, tfjs does not. */
const topologySchema = z.union([
  z.looseObject({ model_config: network, keras_version: kerasVersion }).transform((wrapper) => ({
    ...wrapper.model_config,
    keras_version: wrapper.keras_version,
  })),
  network.extend({ keras_version: kerasVersion }),
]);

export type StoredLayer = z.infer<typeof layerSchema>;

/** The network of `model.json`: layers in the order of the file, with unparsed connections. */
export interface Topology {
  /** `Sequential`, `Functional` or `Model`. */
  readonly className: string;
  /** Whether Keras 3 or later wrote it: some of its layers have the name of a Keras 2 layer but another formula. */
  readonly isKeras3: boolean;
  readonly config: {
    readonly layers: readonly StoredLayer[];
    /** Unparsed; functional models only. */
    readonly input_layers?: unknown;
    readonly output_layers?: unknown;
  };
}

/** @param topology `modelTopology` of model.json
 * @returns undefined when it is not a network of layers */
export function readTopology(topology: unknown): Topology | undefined {
  const parsed = topologySchema.safeParse(topology);
  if (!parsed.success) return undefined;
  const { class_name: className, config, keras_version: version = '' } = parsed.data;
  return { className, config, isKeras3: Number.parseInt(version, 10) >= 3 };
}

/** The layers of a network and of the networks inside it, with the names of those before their own: `base/Conv1`. */
export function* allLayers(
  { config }: Pick<Topology, 'config'>,
  path = '',
): Generator<{ readonly name: string; readonly layer: StoredLayer }> {
  for (const layer of config.layers) {
    const name = path + layer.config.name;
    const nested = readTopology(layer);
    if (nested === undefined) yield { name, layer };
    else yield* allLayers(nested, `${name}/`);
  }
}
