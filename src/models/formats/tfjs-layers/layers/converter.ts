import { z } from 'zod';
import type { Shape } from '../../../plan/plan.js';
import type { StepDraft } from '../../../plan/step-draft.js';
import type { Layer } from '../layer-graph.js';
import type { LayerWeights } from '../layer-weights.js';
import { UnsupportedLayer } from '../unsupported-layer.js';

/** The input of a layer's conversion. */
export interface Conversion<Settings> {
  readonly layer: Layer;
  readonly settings: Settings;
  readonly inputs: readonly Shape[];
  readonly weights: LayerWeights;
}

/** A kind of layer that a plan can express. */
export interface LayerKind {
  /** The settings that `convert` reads. Any other setting may change the layer's output. */
  readonly settings: readonly string[];
  /**
   * Turns a layer into steps. The first step reads the layer's inputs, each further step the step before it. An empty list
   * means that the layer returns its input.
   * @throws UnsupportedLayer
   */
  readonly convert: (layer: Layer, inputs: readonly Shape[], weights: LayerWeights) => readonly StepDraft[];
}

/** @param schema all settings that `convert` reads */
export function layerKind<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  convert: (conversion: Conversion<z.infer<z.ZodObject<Shape>>>) => readonly StepDraft[],
): LayerKind {
  return {
    settings: Object.keys(schema.shape),
    convert: (layer, inputs, weights) => {
      const parsed = schema.safeParse(layer.config);
      if (!parsed.success) throw new UnsupportedLayer(layer.name, z.prettifyError(parsed.error));
      return convert({ layer, settings: parsed.data, inputs, weights });
    },
  };
}

/** @throws UnsupportedLayer unless the layer reads one image */
export function imageShape(layer: Layer, inputs: readonly Shape[]): readonly [number, number, number] {
  const [height, width, channels] = inputs[0] ?? [];
  if (inputs[0]?.length !== 3 || height === undefined || width === undefined || channels === undefined)
    throw new UnsupportedLayer(layer.name, 'does not have one image as its input');
  return [height, width, channels];
}

/** The shape of the first input, of any rank, and its last dimension: the channels.
 * @throws UnsupportedLayer when the layer has no input */
export function anyShape(layer: Layer, inputs: readonly Shape[]): { shape: Shape; channels: number } {
  const shape = inputs[0];
  const channels = shape?.at(-1);
  if (shape === undefined || channels === undefined) throw new UnsupportedLayer(layer.name, 'has no input');
  return { shape, channels };
}

export const pair = z.union([
  z.tuple([z.int().positive(), z.int().positive()]),
  z
    .int()
    .positive()
    .transform((both): [number, number] => [both, both]),
]);

export const channelsLast = z.literal('channels_last').nullish();
