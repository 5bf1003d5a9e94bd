import type { TrainingPlan, TrainingStep, WeightRole, Weights } from '../../models/plan/plan.js';

const LEARNED: readonly WeightRole[] = ['filter', 'kernel', 'bias', 'gamma', 'beta'];

/** The weights of a step by role. */
function weightsOf(step: TrainingStep): Partial<Record<WeightRole, Float32Array>> {
  switch (step.op) {
    case 'conv2d':
    case 'depthwiseConv2d':
      return { filter: step.filter.values, bias: step.bias };
    case 'dense':
      return { kernel: step.kernel.values, bias: step.bias };
    case 'batchNorm':
      return { gamma: step.gamma, beta: step.beta };
    default:
      return {};
  }
}

function isLayer({ op }: TrainingStep): boolean {
  return op === 'conv2d' || op === 'depthwiseConv2d' || op === 'dense';
}

/** Names every weight that gradients change by its step, for files that have no names. */
export function named(plan: TrainingPlan): TrainingPlan {
  const steps = plan.steps.map((step, place) => {
    const roles = Object.keys(weightsOf(step)).map((role) => [role, `${place}/${role}`]);
    return { ...step, weightNames: Object.fromEntries(roles) };
  });
  return { ...plan, steps };
}

/** The same plan whose batch norms keep their moving averages: in training they use these, not the batch's moments. */
export function withoutMovingAverages(plan: TrainingPlan): TrainingPlan {
  const steps = plan.steps.map((step) => {
    const kept = LEARNED.map((role) => [role, step.weightNames?.[role]]);
    return step.weightNames === undefined ? step : { ...step, weightNames: Object.fromEntries(kept) };
  });
  return { ...plan, steps };
}

/** The same plan of which gradients change only the last layers, and the batch norms behind the first of these.
 * @param layers convolutions and dense layers */
export function learningLast(plan: TrainingPlan, layers: number): TrainingPlan {
  const places = plan.steps.flatMap((step, place) => (isLayer(step) ? [place] : []));
  const first = places.at(-layers) ?? 0;
  const steps = plan.steps.map((step, place) => (place < first ? { ...step, weightNames: {} } : step));
  return withoutMovingAverages({ ...plan, steps });
}

/** The same plan with other weights. @param weights by name; others keep their values */
export function withWeights(plan: TrainingPlan, weights: ReadonlyMap<string, Float32Array>): TrainingPlan {
  const changed = (step: TrainingStep, role: WeightRole, values: Float32Array) =>
    weights.get(step.weightNames?.[role] ?? '') ?? values;
  const changedMatrix = (step: TrainingStep, role: WeightRole, { shape, values }: Weights): Weights => ({
    shape,
    values: changed(step, role, values),
  });
  const steps = plan.steps.map((step): TrainingStep => {
    switch (step.op) {
      case 'conv2d':
      case 'depthwiseConv2d':
        return {
          ...step,
          filter: changedMatrix(step, 'filter', step.filter),
          bias: changed(step, 'bias', step.bias),
        };
      case 'dense':
        return {
          ...step,
          kernel: changedMatrix(step, 'kernel', step.kernel),
          bias: changed(step, 'bias', step.bias),
        };
      case 'batchNorm':
        return { ...step, gamma: changed(step, 'gamma', step.gamma), beta: changed(step, 'beta', step.beta) };
      default:
        return step;
    }
  });
  return { ...plan, steps };
}

/** Number of values in all weights that gradients may change. */
export function weightCount({ steps }: TrainingPlan): number {
  return steps.flatMap((step) => Object.values(weightsOf(step))).reduce((sum, { length }) => sum + length, 0);
}
