import tf = require('@tensorflow/tfjs-node-gpu');

import { withoutWeights } from '../../../models/engines/tfjs/tfjs-ops.js';
import type { AddConstantStep, ScaleShiftStep } from '../../../models/plan/plan.js';
import { dropout } from '../kernels.js';
import { activationOf } from './activation.js';
import { batchNorm } from './batch-norm.js';
import { convolution, dense } from './linear.js';
import { only, type RunStep, type StepInPlace, untrainable } from './step.js';

/** @throws FoveaError `training_failed` when training does not support the step */
export function stepOf(at: StepInPlace): RunStep {
  const { step, place, input } = at;
  switch (step.op) {
    case 'conv2d':
    case 'depthwiseConv2d':
      return convolution({ ...at, step });
    case 'dense':
      return dense({ ...at, step });
    case 'layerNorm':
      throw untrainable(step, 'is a LayerNormalization');
    case 'addConstant':
      return addConstant(step);
    case 'batchNorm':
      return batchNorm({ ...at, step });
    case 'scaleShift':
      return scaleShift(step);
    case 'dropout':
      return (inputs, _, training) => {
        if (training === undefined) return only(inputs);
        return dropout(only(inputs), step.rate * training.dropoutScale, [training.seed, place]);
      };
    case 'activation': {
      const run = activationOf(at, step.activation);
      return (inputs) => run(only(inputs));
    }
    case 'trainingOnly':
      throw untrainable(step, `is a ${step.kind}`);
    default:
      return withoutWeights(tf, step, input);
  }
}

/** Scales by constants, which are part of the model's preprocessing and not trained. */
function scaleShift({ scale, shift }: ScaleShiftStep): RunStep {
  const [factor, summand] = [tf.variable(tf.tensor1d(scale), false), tf.variable(tf.tensor1d(shift), false)];
  return (inputs) => tf.add(tf.mul(only(inputs), factor), summand);
}

/** Position embeddings of a file without names for its weights: they stay as they are. */
function addConstant({ summand }: AddConstantStep): RunStep {
  const numbers = tf.variable(tf.tensor(summand.values, [...summand.shape]), false);
  return (inputs) => tf.add(only(inputs), numbers);
}
