import { z } from 'zod';
import { ModelChoices } from './model-choices.js';

const activeSchema = z.strictObject({
  version: z.int().positive(),
  /** What was active before, for rollback. */
  previous: z.int().positive().nullable(),
});

export type ActiveVersion = z.infer<typeof activeSchema>;

/** Which version of each model somebody activated; where nobody did, the highest one counts. */
export type ActiveVersions = ModelChoices<ActiveVersion>;

/** @throws FoveaError `config_invalid` */
export function openActiveVersions(path: string): Promise<ActiveVersions> {
  return ModelChoices.open({ path, schema: activeSchema, meaning: 'which versions are active' });
}
