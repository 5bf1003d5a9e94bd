import type { TrainingStep, ValueId } from './plan.js';

/** The steps that a value depends on. */
export function neededSteps<S extends TrainingStep>(steps: readonly S[], output: ValueId): S[] {
  const read = new Set<ValueId>([output]);
  return steps
    .toReversed()
    .filter((step) => {
      if (!read.has(step.output)) return false;
      for (const value of step.inputs) read.add(value);
      return true;
    })
    .reverse();
}
