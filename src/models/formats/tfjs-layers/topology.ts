import { z } from 'zod';

const layerSchema = z.looseObject({
  name: z.string().optional(),
  class_name: z.string(),
  config: z.looseObject({ name: z.string() }),
  /** Of functional models; `layer-graph.ts` reads it. */
  inbound_nodes: z.unknown().optional(),
});

const network = z.looseObject({
  class_name: z.string(),
  // Sequential models of old Keras are a bare list.
  config: z.union([
    z.array(layerSchema).transform((layers) => ({ layers })),
    z.looseObject({ layers: z.array(layerSchema) }),
  ]),
});

const kerasVersion = z.string().optional();

/** Keras wraps the model once more than tfjs does. */
const topologySchema = z.union([
  z.looseObject({ model_config: network, keras_version: kerasVersion }).transform((wrapper) => ({
    ...wrapper.model_config,
    keras_version: wrapper.keras_version,
  })),
  network.extend({ keras_version: kerasVersion }),
]);

/** A layer as `model.json` holds it. */
export type StoredLayer = z.infer<typeof layerSchema>;

/** The network as `model.json` holds it: layers in the order of the file, connections not read yet. */
export interface Topology {
  /** `Sequential`, `Functional` or `Model`. */
  readonly className: string;
  /** Whether Keras 3 or later wrote it: some of its layers compute something else under the same name. */
  readonly isKeras3: boolean;
  readonly config: { readonly layers: readonly StoredLayer[] };
}

/** @param topology `modelTopology` of model.json
 * @returns undefined when it is no network of layers */
export function readTopology(topology: unknown): Topology | undefined {
  const parsed = topologySchema.safeParse(topology);
  if (!parsed.success) return undefined;
  const { class_name: className, config, keras_version: version = '' } = parsed.data;
  return { className, config, isKeras3: Number.parseInt(version, 10) >= 3 };
}
