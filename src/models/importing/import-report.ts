import { z } from 'zod';

/** What an import read and tried: the table of the command, and the answer of the API. */
export const importReportSchema = z.strictObject({
  model: z.string(),
  /** The new version; null in a dry run. */
  version: z.int().positive().nullable(),
  /** What the file is, such as `ONNX of pytorch, opset 20`. */
  format: z.string(),
  /** The facts of the model, each with its origin: a file, a layer or a field. */
  facts: z.array(z.strictObject({ fact: z.string(), value: z.string(), from: z.string() })).readonly(),
  engine: z.string(),
  device: z.string(),
  precision: z.string(),
  /** On this machine, one image at a time. */
  images_per_second: z.number(),
  /** Of the process of the import, which holds the model's files too. */
  memory_bytes: z.int(),
  /** Why no plan expresses the model, so that the fastest engines cannot run it; null when one does. */
  plan_problem: z.string().nullable(),
  /** The reasons against the engines before `engine`. */
  passed_over: z.array(z.string()).readonly(),
});

export type ImportReport = z.infer<typeof importReportSchema>;
