import { z } from 'zod';
import type { Activation, ActivationKind } from '../../../plan/plan.js';
import { UnsupportedLayer } from '../unsupported-layer.js';
import { anyShape, type Converter, settingsOf } from './converter.js';

/** By the names that Keras and tfjs write; those with settings of their own are layers, below. */
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
]);

/** The `activation` of a layer; absent means linear. */
export const activation = z
  .string()
  .nullish()
  .transform((name, context): Activation => {
    const kind = KINDS.get(name ?? 'linear');
    if (kind !== undefined) return { kind, alpha: 0 };
    context.addIssue(`activation ${name} is not known`);
    return z.NEVER;
  });

const named = z.object({ activation }).transform((config) => config.activation);
const relu = z
  .object({
    max_value: z.literal(6).nullish(),
    negative_slope: z.literal(0).nullish(),
    threshold: z.literal(0).nullish(),
  })
  .transform((config): Activation => ({ kind: config.max_value === 6 ? 'relu6' : 'relu', alpha: 0 }));
const leakyRelu = z
  .object({ alpha: z.number().default(0.3) })
  .transform(({ alpha }): Activation => ({ kind: 'leakyRelu', alpha }));
const elu = z
  .object({ alpha: z.literal(1).nullish() })
  .transform((): Activation => ({ kind: 'elu', alpha: 0 }));

function converter(schema: z.ZodType<Activation>): Converter {
  return (layer, inputs) => {
    const { shape } = anyShape(layer, inputs);
    return [{ op: 'activation', activation: settingsOf(layer, schema), shape }];
  };
}

/** Its axis counts the batch dimension, which shapes here leave out. */
const softmax: Converter = (layer, inputs) => {
  const { axis } = settingsOf(layer, z.object({ axis: z.int().default(-1) }));
  const { shape } = anyShape(layer, inputs);
  if (axis !== -1 && axis !== shape.length)
    throw new UnsupportedLayer(layer.name, 'is a softmax along another dimension than the last');
  return [{ op: 'activation', activation: { kind: 'softmax', alpha: 0 }, shape }];
};

export const activationLayers: Readonly<Record<string, Converter>> = {
  Activation: converter(named),
  ReLU: converter(relu),
  LeakyReLU: converter(leakyRelu),
  ELU: converter(elu),
  Softmax: softmax,
};
