import { z } from 'zod';

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** Dimensions whose product still is exact. */
const shape = z.array(z.int().nonnegative()).max(8);

const tensor = z.looseObject({
  name: z.string(),
  shape,
  datatype: z.string(),
  parameters: parameters.optional(),
  data: z.unknown().optional(),
});

const output = z.looseObject({ name: z.string(), parameters: parameters.optional() });

/** The JSON of an inference request. Unknown members are ignored, because clients send members of their own.
 * @source Open Inference Protocol, "Inference Request JSON Object" */
export const inferRequestSchema = z.looseObject({
  id: z.string().optional(),
  parameters: parameters.optional(),
  inputs: z.array(tensor).min(1).max(16),
  outputs: z.array(output).max(16).optional(),
});

export type InferJson = z.infer<typeof inferRequestSchema>;
export type TensorJson = InferJson['inputs'][number];
export type Parameters = z.infer<typeof parameters>;
