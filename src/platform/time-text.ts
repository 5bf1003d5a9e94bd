import { z } from 'zod';

/** A time in a request: an RFC 3339 time with its offset, whose seconds may be missing, or a date, which means its midnight
 * in UTC. `Date.parse` reads each. */
export const timeTextSchema = z.union(
  [z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 }), z.iso.date()],
  { error: 'expected a time such as 2026-01-31T10:00:00Z, or a date such as 2026-01-31 (midnight UTC)' },
);
