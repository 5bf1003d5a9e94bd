import { type Plan, type Step, sizeOf } from '../src/models/plan/plan.js';

/** Multiply-adds of one image through the steps that have weights; all others together are below a percent of these. */
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
