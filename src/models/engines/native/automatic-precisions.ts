import { openAddon } from '../../../../native/index.js';
import type { ModelVersion } from '../../repository/model-version.js';
import type { Calibration } from '../calibration.js';
import type { Precision } from '../engine.js';
import type { AutomaticPrecisionOptions, AutomaticPrecisions } from '../provider.js';
import { readCalibration } from './calibration.js';

/** bfloat16 where the processor has instructions for it; int8 only where the calibration also says that it loses little.
 * @throws FoveaError `model_invalid` for a damaged calibration */
export async function automaticPrecisions(
  version: ModelVersion,
  { calibrationsDir, maxInt8LossPoints }: AutomaticPrecisionOptions,
): Promise<AutomaticPrecisions> {
  const opened = openAddon();
  if ('failure' in opened) return { precisions: ['float32'], ruledOut: [], executor: 'none' };
  const { instructions, hasBfloat16, hasInt8, oneDnnVersion } = opened.addon;
  const lacking = (precision: Precision) =>
    `${precision}: this processor (${instructions}) has no instructions for it.`;
  const reasons = {
    bfloat16: hasBfloat16 ? null : lacking('bfloat16'),
    int8: hasInt8
      ? reasonAgainstInt8(await readCalibration(version, calibrationsDir), maxInt8LossPoints)
      : lacking('int8'),
  };
  return {
    precisions: [
      'float32',
      ...(reasons.bfloat16 === null ? (['bfloat16'] as const) : []),
      ...(reasons.int8 === null ? (['int8'] as const) : []),
    ],
    ruledOut: [reasons.bfloat16, reasons.int8].filter((reason) => reason !== null),
    executor: `oneDNN ${oneDnnVersion}, ${instructions}`,
  };
}

/** @returns null where the calibration shows that int8 loses at most `maxLossPoints` percentage points of accuracy */
export function reasonAgainstInt8(calibration: Calibration | null, maxLossPoints: number): string | null {
  if (calibration === null) return 'int8: the version has no calibration. Run fovea calibrate.';
  const { accuracy } = calibration;
  if (accuracy === undefined)
    return 'int8: its accuracy was not measured. Run fovea calibrate on a processor that computes in int8.';
  const lossPoints = 100 * (accuracy.float32 - accuracy.int8);
  // Subtracting two decimal fractions is off by some 1e-14.
  if (lossPoints <= maxLossPoints + 1e-9) return null;
  return `int8: it loses ${lossPoints.toFixed(2)} percentage points on ${accuracy.images} images; ${maxLossPoints} are allowed.`;
}
