import type { z } from 'zod';
import type { RolloutRequest } from '../../../models/repository/rollout-table.js';
import { RestartingThread } from '../../../platform/database/restarting-thread.js';
import { databaseSettingsSchema } from '../../../platform/postgres/database-settings.js';
import { MAX_PENDING_FEEDBACK } from '../client.js';
import { type ReadRequest, type WriteRequest, writerOptionsSchema } from '../requests.js';
import { HISTORY_FORM } from './form.js';

/** `workerData` of the thread. */
export const sharedDatabaseSchema = writerOptionsSchema
  .omit({ path: true })
  .extend({ settings: databaseSettingsSchema });

export interface SharedDatabaseOptions extends z.infer<typeof sharedDatabaseSchema> {
  readonly maxQueuedRows: number;
}

export type DatabaseRequest =
  | { readonly to: 'write'; readonly request: WriteRequest }
  | { readonly to: 'read'; readonly request: ReadRequest }
  | { readonly to: 'rollouts'; readonly request: RolloutRequest };

export interface DatabaseCall {
  readonly do: 'call';
  readonly call: DatabaseRequest;
}

/** The thread that owns the connections to a PostgreSQL that servers share. */
export class SharedDatabase {
  readonly #thread: RestartingThread<DatabaseCall>;

  constructor({ maxQueuedRows, ...workerData }: SharedDatabaseOptions) {
    this.#thread = new RestartingThread<DatabaseCall>({
      thread: 'postgres',
      database: HISTORY_FORM,
      workerData,
      maxPendingCalls: maxQueuedRows + MAX_PENDING_FEEDBACK,
    });
  }

  /** @throws FoveaError `database_unavailable`, `config_invalid`, and those of the request */
  ask(call: DatabaseRequest, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    return this.#thread.ask({ do: 'call', call }, transfer);
  }

  /** Waits for requests in flight. Resolves when the thread has ended. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
