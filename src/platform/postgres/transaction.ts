import type { Client } from 'pg';
import { isRetried } from './postgres-error.js';

/** How a transaction begins that reads one snapshot. */
export const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

const MAX_TRIES = 5;

/** Runs an operation as one transaction, and again after a deadlock. After an error nothing is changed. */
export async function inTransaction<T>(
  client: Client,
  operation: (client: Client) => Promise<T>,
  begin = 'BEGIN',
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query(begin);
      const result = await operation(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      if (!isRetried(error) || tries === MAX_TRIES) throw error;
    }
  }
}
