import { z } from 'zod';
import type { Activation, ActivationKind } from '../../../plan/plan.js';
import { UnsupportedLayer } from '../unsupported-layer.js';
import { anyShape, type LayerKind, layerKind } from './converter.js';

/** By the names in Keras and tfjs. Activations with settings are layers, below. */
const KINDS: ReadonlyMap<string, ActivationKind> = new Map([
  ['linear', 'linear'],
  ['relu', 'relu'],
  ['relu6', 'relu6'],
  ['elu', 'elu'],
  ['sigmoid', 'sigmoid'],
  ['hard_sigmoid', 'hardSigmoid'],
  ['hardSigmoid', 'hardSigmoid'],
  ['tanh', 'tanh'],
  ['swish', 'swish'],
  ['silu', 'swish'],
  ['softmax', 'softmax'],
  ['hard_swish', 'hardSwish'],
  ['hard_silu', 'hardSwish'],
  ['gelu', 'gelu'],
]);

/** The `activation` of a layer; absent means linear. */
export const activation = z
  .string()
  .nullish()
  .transform((name, context): Activation => {
    const kind = KINDS.get(name ?? 'linear');
    if (kind !== undefined) return { kind, alpha: 0 };
    // `layer-graph.ts` gives it this name.
    if (name === 'hard_sigmoid_of_keras_3') return { kind: 'hardSigmoid', alpha: 1 / 6 };
    context.addIssue(`the activation ${name} is not supported`);
    return z.NEVER;
  });

function activationLayer<Settings extends z.ZodRawShape>(
  schema: z.ZodObject<Settings>,
  activationOf: (settings: z.infer<z.ZodObject<Settings>>) => Activation,
): LayerKind {
  return layerKind(schema, ({ layer, settings, inputs }) => {
    const { shape } = anyShape(layer, inputs);
    return [{ op: 'activation', activation: activationOf(settings), shape }];
  });
}

const named = activationLayer(z.object({ activation }), (settings) => settings.activation);

/** Plans have no activation with both a slope below zero and an upper limit. */
const reluSettings = z.object({
  max_value: z.literal(6).nullish(),
  negative_slope: z.number().nullish(),
  threshold: z.literal(0).nullish(),
});
const relu = layerKind(reluSettings, ({ layer, settings, inputs }) => {
  const { shape } = anyShape(layer, inputs);
  const alpha = settings.negative_slope ?? 0;
  const isLimited = settings.max_value === 6;
  if (alpha !== 0 && isLimited)
    throw new UnsupportedLayer(layer.name, 'is a ReLU with both a slope below zero and an upper limit');
  const kind = alpha !== 0 ? 'leakyRelu' : isLimited ? 'relu6' : 'relu';
  return [{ op: 'activation', activation: { kind, alpha }, shape }];
});

/** Keras 2 and tfjs call the slope `alpha`, Keras 3 `negative_slope`. */
const leakyRelu = activationLayer(
  z.object({ alpha: z.number().optional(), negative_slope: z.number().optional() }),
  ({ alpha, negative_slope }) => ({ kind: 'leakyRelu', alpha: negative_slope ?? alpha ?? 0.3 }),
);

const elu = activationLayer(z.object({ alpha: z.literal(1).nullish() }), () => ({ kind: 'elu', alpha: 0 }));

/** `axis` counts the batch dimension; shapes of plans do not. */
const softmax = layerKind(
  z.object({ axis: z.int().default(-1) }),
  ({ layer, settings: { axis }, inputs }) => {
    const { shape } = anyShape(layer, inputs);
    if (axis !== -1 && axis !== shape.length)
      throw new UnsupportedLayer(layer.name, 'is a softmax that is not along the last dimension');
    return [{ op: 'activation', activation: { kind: 'softmax', alpha: 0 }, shape }];
  },
);

export const activationLayers: Readonly<Record<string, LayerKind>> = {
  Activation: named,
  ReLU: relu,
  LeakyReLU: leakyRelu,
  ELU: elu,
  Softmax: softmax,
};
