import tf = require('@tensorflow/tfjs-node-gpu');

import {
  INPUT_VALUE,
  type Shape,
  sizeOf,
  type TrainingPlan,
  type TrainingStep,
  type ValueId,
} from '../../models/plan/plan.js';
import { FoveaError } from '../../platform/errors.js';
import type { ReadVariable, RunStep, StepInPlace, TrainingContext } from './steps/step.js';
import { stepOf } from './steps/step-of.js';

interface PlacedStep {
  readonly run: RunStep;
  readonly inputs: readonly ValueId[];
  readonly output: ValueId;
}

/** Maps each value that only a batch norm reads to the step that computes it. The bias of that step has no effect. */
function stepsBeforeNorms({ steps, output }: TrainingPlan): ReadonlyMap<ValueId, TrainingStep> {
  const readers = (value: ValueId) => steps.filter(({ inputs }) => inputs.includes(value));
  const isNormalized = (step: TrainingStep) => {
    if (!('bias' in step) || step.activation.kind !== 'linear' || step.output === output) return false;
    const [reader, another] = readers(step.output);
    return another === undefined && reader?.op === 'batchNorm' && reader.weightNames?.mean !== undefined;
  };
  return new Map(steps.filter(isNormalized).map((step) => [step.output, step]));
}

/** Per step, the values that no later step reads. */
function valuesReadLastBy({ steps, output }: TrainingPlan): readonly (readonly ValueId[])[] {
  const lastReader = new Map<ValueId, number>();
  for (const [place, { inputs }] of steps.entries()) for (const value of inputs) lastReader.set(value, place);
  lastReader.delete(output);
  return steps.map((_, place) =>
    [...lastReader].flatMap(([value, reader]) => (reader === place ? [value] : [])),
  );
}

/** Its input and output, what it holds meanwhile, and a value that a later step adds. */
const VALUES_OF_A_STEP = 4;

type Values = Map<ValueId, tf.Tensor>;

/** Runs a plan whose weights are variables with TensorFlow's training kernels. */
export class Trainable {
  /** Changed by gradients. */
  readonly parameters: tf.Variable[] = [];
  /** Moving averages of moments. */
  readonly statistics: tf.Variable[] = [];
  /** Per entry of `statistics`, the share of the old value that a batch keeps. */
  readonly momenta: number[] = [];
  /** By weight name of the model's file. */
  readonly named = new Map<string, tf.Variable>();
  readonly #steps: readonly PlacedStep[];
  /** Numbers that a pass over one image holds at once, about: all values of the steps that learn, and the largest of the others while
   * they run. */
  readonly valuesHeld: number;
  /** Steps before the first whose weights change. */
  readonly #frozenSteps: number;
  readonly #readLast: readonly (readonly ValueId[])[];
  readonly #output: ValueId;

  /**
   * @param plan not folded, of a classifier: its output is softmax or logits
   * @throws FoveaError `training_failed` when it has a step that cannot be trained
   */
  constructor(plan: TrainingPlan) {
    const beforeNorms = stepsBeforeNorms(plan);
    const shapes = new Map<ValueId, Shape>([[INPUT_VALUE, plan.inputShape]]);
    this.#output = plan.output;
    this.#readLast = valuesReadLastBy(plan);
    let frozenSteps = 0;
    this.#steps = plan.steps.map((step, place) => {
      const [read = INPUT_VALUE] = step.inputs;
      shapes.set(step.output, step.shape);
      const isNormalized = beforeNorms.has(step.output);
      if (isNormalized && 'bias' in step) this.#forget(step.weightNames?.bias, step.bias.length);
      const before = beforeNorms.get(read);
      const run = stepOf({
        step,
        place,
        input: shapes.get(read) ?? [],
        ...this.#weightsOf(step),
        isNormalized,
        absorbed: before !== undefined && 'bias' in before ? before.bias : undefined,
        isLast: step.output === plan.output,
      });
      if (this.parameters.length + this.statistics.length === 0) frozenSteps = place + 1;
      return { run, inputs: step.inputs, output: step.output };
    });
    this.#frozenSteps = frozenSteps;
    const sizes = plan.steps.map(({ shape }) => sizeOf(shape));
    const learned = sizes.slice(frozenSteps).reduce((sum, size) => sum + size, 0);
    this.valuesHeld = learned + VALUES_OF_A_STEP * Math.max(0, ...sizes.slice(0, frozenSteps));
  }

  #weightsOf({ weightNames }: TrainingStep): Pick<StepInPlace, 'weight' | 'moving'> {
    const make = (values: Float32Array, shape: Shape, name: string | undefined) => {
      const variable = tf.tidy(() => tf.variable(tf.tensor(values, [...shape]), name !== undefined));
      if (name !== undefined) this.named.set(name, variable);
      return variable;
    };
    return {
      weight: (role, values, shape = [values.length]) => {
        const variable = make(values, shape, weightNames?.[role]);
        if (weightNames?.[role] !== undefined) this.parameters.push(variable);
        return variable;
      },
      moving: (role, values, momentum) => {
        const variable = make(values, [values.length], weightNames?.[role]);
        if (weightNames?.[role] !== undefined) {
          this.statistics.push(variable);
          this.momenta.push(momentum);
        }
        return variable;
      },
    };
  }

  /** Saves zeros for a bias that a batch norm absorbed. */
  #forget(name: string | undefined, size: number): void {
    if (name !== undefined)
      this.named.set(
        name,
        tf.tidy(() => tf.variable(tf.zeros([size]), false)),
      );
  }

  /** Runs the steps before the first that learns; call it inside `tf.tidy`. TensorFlow keeps nothing of them for gradients, because
   * they run outside of `train`. */
  frozenValues(x: tf.Tensor, read: ReadVariable, context: TrainingContext): ReadonlyMap<ValueId, tf.Tensor> {
    return this.#runAndFree(x, this.#frozenSteps, read, context);
  }

  /** Logits of a training batch, differentiable with respect to the values of `read`; call it inside `tf.tidy`.
   * @param frozen of `frozenValues` */
  train(frozen: ReadonlyMap<ValueId, tf.Tensor>, read: ReadVariable, context: TrainingContext): tf.Tensor {
    const values = new Map(frozen);
    for (const step of this.#steps.slice(this.#frozenSteps)) this.#runStep(step, values, read, context);
    return valueAt(values, this.#output);
  }

  /** Logits of `x`: float32 `[n, classes]`. */
  infer(x: tf.Tensor, read: ReadVariable = (variable) => variable): tf.Tensor {
    return tf.tidy(() => valueAt(this.#runAndFree(x, this.#steps.length, read, undefined), this.#output));
  }

  #runStep(
    { run, inputs, output }: PlacedStep,
    values: Values,
    read: ReadVariable,
    context: TrainingContext | undefined,
  ): void {
    const given = inputs.map((value) => valueAt(values, value));
    values.set(output, run(given, read, context));
  }

  /** Runs the first steps, and frees each value after its last reader. */
  #runAndFree(x: tf.Tensor, count: number, read: ReadVariable, context: TrainingContext | undefined): Values {
    const values: Values = new Map([[INPUT_VALUE, x]]);
    for (const [place, step] of this.#steps.slice(0, count).entries()) {
      tf.tidy(() => {
        this.#runStep(step, values, read, context);
        return valueAt(values, step.output);
      });
      for (const id of this.#readLast[place] ?? []) {
        const value = valueAt(values, id);
        values.delete(id);
        // Some steps return their input.
        if (value !== x && ![...values.values()].includes(value)) value.dispose();
      }
    }
    return values;
  }
}

function valueAt(values: ReadonlyMap<ValueId, tf.Tensor>, id: ValueId): tf.Tensor {
  const value = values.get(id);
  if (value === undefined) throw new FoveaError('internal', `Value ${id} is missing. This is a bug.`);
  return value;
}
