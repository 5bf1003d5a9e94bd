import { z } from 'zod';
import { ERROR_CODES } from '../../src/platform/errors.js';

/** An error of the protocols of other servers. */
export const errorCodeSchema = z.strictObject({
  error: z.string(),
  code: z.enum(ERROR_CODES),
  request_id: z.string(),
});
