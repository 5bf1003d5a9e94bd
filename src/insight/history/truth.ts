import { z } from 'zod';

/** A label by its name, which may differ from the model's in case and punctuation, by its id in `label_ids`, or by its index. */
export const toldLabelSchema = z.union([z.string().min(1), z.int().nonnegative()]);

/** What a client tells of a prediction: the true label, or of a model of several labels all true ones. */
export const truthSchema = z.union([
  z.strictObject({ label: toldLabelSchema }),
  z.strictObject({ labels: z.array(toldLabelSchema) }),
]);

export type Truth = z.infer<typeof truthSchema>;

/** The truth as the model spells it, in the order of its labels. */
export const toldTruthSchema = z.union([
  z.strictObject({ label: z.string() }),
  z.strictObject({ labels: z.array(z.string()) }),
]);

export type ToldTruth = z.infer<typeof toldTruthSchema>;
