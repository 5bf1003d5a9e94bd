import { z } from 'zod';
import { wireErrorSchema } from '../../../platform/wire-error.js';
import { importReportSchema } from '../import-report.js';
import { importSettingsSchema } from '../import-settings.js';

/** What the import process does. */
export const importTaskSchema = z.strictObject({
  /** The file or folder that was uploaded. */
  path: z.string(),
  /** What a person states, as text: of `importFieldsSchema`. */
  fields: z.record(z.string(), z.string()),
  is_dry_run: z.boolean(),
  settings: importSettingsSchema,
});

export type ImportTask = z.infer<typeof importTaskSchema>;

export const importEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('finished'), result: importReportSchema }),
  z.strictObject({ type: z.literal('failed'), error: wireErrorSchema }),
]);

export type ImportEvent = z.infer<typeof importEventSchema>;
