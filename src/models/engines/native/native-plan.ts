import type { NativePlan } from '../../../../native/index.js';
import { FoveaError } from '../../../platform/errors.js';
import type { Plan, Step } from '../../plan/plan.js';
import type { ImageInput } from '../../repository/image-input.js';
import type { Calibration } from '../calibration.js';

export interface NativePlanParts {
  /** Folded. */
  readonly plan: Plan;
  readonly input: ImageInput;
  readonly precision: NativePlan['precision'];
  /** The calibration of this plan; required for int8. */
  readonly calibration?: Calibration | null;
}

/** Converts a folded plan to the addon's form.
 * @throws FoveaError `model_invalid` when the calibration was made for another plan */
export function nativePlan({ plan, input, precision, calibration }: NativePlanParts): NativePlan<Step> {
  const ranges = Float32Array.from(calibration?.ranges.flat() ?? []);
  if (precision === 'int8' && ranges.length !== 2 * (plan.steps.length + 1))
    throw new FoveaError(
      'model_invalid',
      'The calibration was made for another model: run fovea calibrate again.',
    );
  const { scale, offset } = input;
  const swapsColors = input.color_order === 'bgr';
  return {
    ...plan,
    scale: oneOrAll(scale),
    offset: oneOrAll(offset),
    swapsColors,
    precision,
    ranges,
    keepsValues: false,
  };
}

/** One number where all channels have the same: the addon's quicker way. */
function oneOrAll(numbers: readonly number[]): number | readonly number[] {
  const [first = 0] = numbers;
  return numbers.every((number) => number === first) ? first : numbers;
}
