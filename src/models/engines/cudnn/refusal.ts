import { groupsOf, INPUT_VALUE, type Shape, type TrainingPlan, type TrainingStep } from '../../plan/plan.js';

const UNKNOWN_STEPS: readonly string[] = ['crop', 'layerNorm', 'transpose', 'matMul', 'addConstant'];
const UNKNOWN_ACTIVATIONS: readonly string[] = ['hardSwish', 'gelu', 'geluTanh'];

/** Why the addon in `native/cuda/` cannot run a plan that the native engine can; null when it can. */
export function refusalOf(plan: TrainingPlan): string | null {
  const shapes = new Map<number, Shape>([[INPUT_VALUE, plan.inputShape]]);
  for (const step of plan.steps) {
    const reason = reasonAgainst(step, shapes.get(step.inputs[0] ?? INPUT_VALUE) ?? []);
    if (reason !== null) return `It cannot run the layer ${step.layer}, which ${reason}.`;
    shapes.set(step.output, step.shape);
  }
  return null;
}

function reasonAgainst(step: TrainingStep, input: Shape): string | null {
  if (UNKNOWN_STEPS.includes(step.op)) return `is a ${step.op}`;
  if (step.op === 'conv2d' && groupsOf(step, input[2] ?? 0) > 1) return 'is a convolution with groups';
  if (step.op === 'averagePool' && step.countsPadding === true) return 'counts padding into its averages';
  if (!('activation' in step)) return null;
  const { kind, alpha } = step.activation;
  if (kind === 'hardSigmoid' && alpha !== 0) return 'has a hard sigmoid of another slope than 0.2';
  return UNKNOWN_ACTIVATIONS.includes(kind) ? `has the activation ${kind}` : null;
}
