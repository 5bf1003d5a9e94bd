import { z } from 'zod';
import { DEVICES, PRECISIONS } from '../engines/engine.js';
import { ENGINE_NAMES } from '../engines/providers.js';
import { importLimitsSchema } from './import-limits.js';

/** What an import may use, and where it writes. */
export const importSettingsSchema = z.object({
  limits: importLimitsSchema,
  /** The repository, then the folder of this server's own versions. */
  modelsDirs: z.tuple([z.string(), z.string()]).readonly(),
  /** The repository must not be written even when it can be. */
  isReadOnly: z.boolean(),
  calibrationsDir: z.string(),
  choice: z.object({
    engine: z.enum(['auto', ...ENGINE_NAMES]),
    device: z.enum(['auto', ...DEVICES]),
    precision: z.enum(['auto', ...PRECISIONS]),
  }),
});

export type ImportSettings = z.infer<typeof importSettingsSchema>;
