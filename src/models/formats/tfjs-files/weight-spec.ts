import { z } from 'zod';

/** How a weight of `dtype` is stored in fewer bytes. */
const quantization = z.object({
  dtype: z.enum(['uint8', 'uint16', 'float16']),
  /** `value = stored · scale + min`; not for float16. */
  scale: z.number().optional(),
  min: z.number().optional(),
});

const weightSpec = z.looseObject({
  name: z.string().min(1),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(['float32', 'int32', 'bool', 'string', 'complex64']),
});

/** As `model.json` states it. */
export const storedSpec = weightSpec.extend({ quantization: quantization.optional() });

/** A weight among others behind one another: plain numbers. */
export type WeightSpec = z.infer<typeof weightSpec>;
export type StoredSpec = z.infer<typeof storedSpec>;
