import { type Plan, type Step, sizeOf } from '../src/models/plan/plan.js';

/** Multiply-adds per image in the steps with weights; all other steps together are below one percent. */
export function multiplyAddsOf(plan: Plan): number {
  return plan.steps.reduce((sum, step) => sum + ofStep(step), 0);
}

function ofStep(step: Step): number {
  switch (step.op) {
    case 'conv2d': {
      const [height = 0, width = 0, inChannels = 0] = step.filter.shape;
      return sizeOf(step.shape) * height * width * inChannels;
    }
    case 'depthwiseConv2d': {
      const [height = 0, width = 0] = step.filter.shape;
      return sizeOf(step.shape) * height * width;
    }
    case 'dense':
      return sizeOf(step.kernel.shape);
    default:
      return 0;
  }
}
