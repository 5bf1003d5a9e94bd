import { z } from 'zod';
import type { EngineInfo } from '../../../serving/rollout/classifier.js';

/** The engine of a model version. */
export const engineSchema = z.strictObject({
  name: z.string(),
  device: z.string(),
  precision: z.string(),
  instances: z.int().positive(),
  /** Why faster engines do not run. */
  passed_over: z.array(z.string()),
  /** How `FOVEA_PRECISION=auto` was decided; null when a precision was asked for, or the engine decides by itself. */
  auto_precision: z
    .strictObject({
      /** Measured at this start or an earlier one; empty where only one precision runs. */
      measured: z.array(z.strictObject({ precision: z.string(), images_per_second: z.number() })),
      /** The reason against each precision that was not measured. */
      ruled_out: z.array(z.string()),
    })
    .nullable(),
});

export function engineAnswer(engine: EngineInfo): z.infer<typeof engineSchema> {
  const { name, device, precision, instances, passedOver, autoPrecision } = engine;
  return {
    name,
    device,
    precision,
    instances,
    passed_over: [...passedOver],
    auto_precision: autoPrecision && {
      measured: autoPrecision.rates.map((rate) => ({
        precision: rate.precision,
        images_per_second: Math.round(rate.imagesPerSecond),
      })),
      ruled_out: [...autoPrecision.ruledOut],
    },
  };
}
