import pg from 'pg';
import type { DatabaseName } from '../database/database-name.js';
import type { DatabaseSettings } from './database-settings.js';
import { fromConnecting, fromPostgres, unavailable } from './postgres-error.js';
import { inTransaction, SNAPSHOT } from './transaction.js';

export interface LinkOptions {
  readonly settings: DatabaseSettings;
  /** Named in errors. */
  readonly database: DatabaseName;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** `SET` commands for each connection, such as `SET synchronous_commit = off`. */
  readonly session?: readonly string[];
}

/** OIDs of `bigint` and `numeric`. Our counts and sums are exact in float64. */
const NUMBERS: readonly number[] = [20, 1700];
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (NUMBERS.includes(oid) ? Number : pg.types.getTypeParser(oid, format)),
};

/** A connection, and whether it is lost. */
interface Connection {
  readonly client: pg.Client;
  isLost: boolean;
}

/**
 * One connection to PostgreSQL, opened with its first operation and again after it was lost. Operations run one after
 * another. No operation waits longer than its time limits, also when the network swallows every packet.
 */
export class Link {
  readonly #options: LinkOptions;
  #connection: Connection | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Runs an operation after all earlier ones.
   * @throws FoveaError `database_unavailable`, `config_invalid`, the database's `failed`, and what `operation` throws */
  run<T>(operation: (client: pg.Client) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#attempt(operation));
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** As `run`, in one transaction. */
  transact<T>(operation: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.run((client) => inTransaction(client, operation));
  }

  /** Reads in one snapshot: no commit comes in between. */
  read<T>(operation: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.run((client) => inTransaction(client, operation, SNAPSHOT));
  }

  /** Waits for the operations that were asked for. */
  async close(): Promise<void> {
    await this.#last;
    await this.#connection?.client.end().catch(() => undefined);
    this.#connection = undefined;
  }

  async #attempt<T>(operation: (client: pg.Client) => Promise<T>): Promise<T> {
    const { database, settings } = this.#options;
    const connection = await this.#connected();
    const timer = setTimeout(() => this.#lose(connection), settings.queryTimeoutMs);
    try {
      return await operation(connection.client);
    } catch (error) {
      throw connection.isLost ? unavailable(error) : fromPostgres(error, database);
    } finally {
      clearTimeout(timer);
    }
  }

  async #connected(): Promise<Connection> {
    if (this.#connection !== undefined) return this.#connection;
    const { settings, database, applicationName, session = [] } = this.#options;
    const connection = { client: this.#makeClient(), isLost: false };
    const lose = (): void => this.#lose(connection);
    connection.client.on('error', lose);
    connection.client.on('end', lose);
    const timer = setTimeout(lose, settings.connectTimeoutMs + settings.queryTimeoutMs);
    try {
      await connection.client.connect();
      await connection.client.query(
        [`SET application_name = ${pg.escapeLiteral(applicationName)}`, ...this.#limits(), ...session].join(
          '; ',
        ),
      );
    } catch (error) {
      lose();
      throw fromConnecting(error, database);
    } finally {
      clearTimeout(timer);
    }
    this.#connection = connection;
    return connection;
  }

  #makeClient(): pg.Client {
    const { url, connectTimeoutMs } = this.#options.settings;
    return new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      types,
    });
  }

  /** The server ends what a lost connection left behind. */
  #limits(): string[] {
    const { queryTimeoutMs } = this.#options.settings;
    return [
      `SET statement_timeout = ${queryTimeoutMs}`,
      `SET idle_in_transaction_session_timeout = ${queryTimeoutMs}`,
    ];
  }

  /** Closes the socket, which fails the operation that runs. The next operation connects anew. */
  #lose(connection: Connection): void {
    if (connection.isLost) return;
    connection.isLost = true;
    if (this.#connection === connection) this.#connection = undefined;
    void connection.client.end().catch(() => undefined);
  }
}
