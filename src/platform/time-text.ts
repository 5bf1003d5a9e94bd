import { z } from 'zod';

/** A time in a request: an RFC 3339 time with its offset, or a date, which means its midnight in UTC. `Date.parse` reads
 * both. */
export const timeTextSchema = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'expected a time such as 2026-01-31T10:00:00Z, or a date such as 2026-01-31 (midnight UTC)',
});
