import type { TrainingStep } from './plan.js';

/** A step without its place in the plan. */
export type StepDraft<S extends TrainingStep = TrainingStep> = S extends TrainingStep
  ? Omit<S, 'layer' | 'inputs' | 'output'>
  : never;
