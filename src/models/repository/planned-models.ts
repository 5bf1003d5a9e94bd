import { join } from 'node:path';
import { z } from 'zod';
import { ModelChoices } from './model-choices.js';
import { taskSchema } from './model-output.js';

const plannedModelSchema = z.object({
  /** The version whose network the first training starts from. */
  base: z.object({ model: z.string(), version: z.int().positive() }),
  /** Empty: the first training takes those of its images. */
  labels: z.array(z.string()),
  /** As `output.task` of its versions. */
  task: taskSchema.default('single'),
  /** As `output.unfamiliar_above` of its versions. */
  unfamiliar_above: z.number().optional(),
  created_at: z.iso.datetime(),
});

/** A model that was created and has no version yet. */
export type PlannedModel = z.infer<typeof plannedModelSchema>;

export type PlannedModels = ModelChoices<PlannedModel>;

/** @throws FoveaError `config_invalid` */
export function openPlannedModels(stateDir: string): Promise<PlannedModels> {
  return ModelChoices.open({
    path: join(stateDir, 'planned-models.json'),
    schema: plannedModelSchema,
    meaning: 'which models were created and have no version yet',
  });
}
