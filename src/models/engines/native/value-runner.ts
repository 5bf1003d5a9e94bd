import { randomUUID } from 'node:crypto';
import type { NativeInstance } from '../../../../native/index.js';
import { releaseMemory } from '../../../platform/spare-memory.js';
import { foldPlanInPlace } from '../../plan/fold.js';
import type { TrainingPlan } from '../../plan/plan.js';
import type { ImageInput } from '../../repository/image-input.js';
import { openNative } from './load.js';
import { nativePlan } from './native-plan.js';
import { portionRowsOf } from './portion-rows.js';

/** Runs a plan whose output is any vector, such as the features below a head; an `Engine` gives probabilities. */
export class ValueRunner {
  /** Rows that run through the network together. */
  readonly portionRows: number;
  readonly #instance: NativeInstance;

  /** @param plan must not be used again: its weights are folded in their memory
   * @throws FoveaError `engine_unavailable` */
  constructor(plan: TrainingPlan, input: ImageInput, threads: number) {
    const opened = openNative({ plan }, foldPlanInPlace);
    // What the plan was made of is garbage by now, and packing the weights takes as much memory again.
    releaseMemory();
    this.portionRows = portionRowsOf(opened.plan, threads);
    const parts = nativePlan({ plan: opened.plan, input, precision: 'float32' });
    const key = `values ${randomUUID()}`;
    this.#instance = new opened.addon.NativeInstance(key, parts, this.portionRows, threads, threads);
  }

  /** @param pixels uint8 `[rows, height, width, channels]`
   * @param out float32 `[rows, values]` */
  run(pixels: Uint8Array, rows: number, out: Float32Array): void {
    this.#instance.predict(pixels, rows, out);
  }

  dispose(): void {
    this.#instance.dispose();
  }
}
