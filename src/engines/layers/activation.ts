import { z } from 'zod';
import type { Activation, ActivationKind } from '../plan.js';
import { anyShape, type Converter, settingsOf } from './converter.js';

/** By the names that Keras and tfjs write; those with settings of their own are layers, below. */
const KINDS: Readonly<Record<string, ActivationKind>> = {
  linear: 'linear',
  relu: 'relu',
  relu6: 'relu6',
  elu: 'elu',
  sigmoid: 'sigmoid',
  hard_sigmoid: 'hardSigmoid',
  hardSigmoid: 'hardSigmoid',
  tanh: 'tanh',
  swish: 'swish',
  silu: 'swish',
  softmax: 'softmax',
};

/** The `activation` of a layer; absent means linear. */
export const activation = z
  .string()
  .nullish()
  .transform((name, context): Activation => {
    const kind = KINDS[name ?? 'linear'];
    if (kind !== undefined) return { kind, alpha: 0 };
    context.addIssue(`activation ${name} is not known`);
    return z.NEVER;
  });

const byLayer = {
  Activation: z.object({ activation }).transform((config) => config.activation),
  ReLU: z
    .object({
      max_value: z.literal(6).nullish(),
      negative_slope: z.literal(0).nullish(),
      threshold: z.literal(0).nullish(),
    })
    .transform((config): Activation => ({ kind: config.max_value === 6 ? 'relu6' : 'relu', alpha: 0 })),
  LeakyReLU: z
    .object({ alpha: z.number().default(0.3) })
    .transform(({ alpha }): Activation => ({ kind: 'leakyRelu', alpha })),
  ELU: z.object({ alpha: z.literal(1).nullish() }).transform((): Activation => ({ kind: 'elu', alpha: 0 })),
  Softmax: z
    .object({ axis: z.literal(-1).nullish() })
    .transform((): Activation => ({ kind: 'softmax', alpha: 0 })),
};

function converter(schema: z.ZodType<Activation>): Converter {
  return (layer, inputs) => {
    const { shape } = anyShape(layer, inputs);
    return [{ op: 'activation', activation: settingsOf(layer, schema), shape }];
  };
}

export const activationLayers: Readonly<Record<string, Converter>> = {
  Activation: converter(byLayer.Activation),
  ReLU: converter(byLayer.ReLU),
  LeakyReLU: converter(byLayer.LeakyReLU),
  ELU: converter(byLayer.ELU),
  Softmax: converter(byLayer.Softmax),
};
