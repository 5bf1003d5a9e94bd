import { z } from 'zod';

/** How a PostgreSQL database is reached. */
export const databaseSettingsSchema = z.strictObject({
  /** `postgres://` address; may hold a password, so it never goes into a log or a message. */
  url: z.string(),
  /** Longest time until a connection is open. */
  connectTimeoutMs: z.int().positive(),
  /** Longest time of an operation, which may be a transaction of several statements. */
  queryTimeoutMs: z.int().positive(),
});

export type DatabaseSettings = z.infer<typeof databaseSettingsSchema>;

/** Whether a text can be a database's address; says nothing about the server there. */
export function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && ['postgres:', 'postgresql:'].includes(new URL(text).protocol);
}
