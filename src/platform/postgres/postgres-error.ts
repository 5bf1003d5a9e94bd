import pg from 'pg';
import type { DatabaseName } from '../database/database-name.js';
import { FoveaError } from '../errors.js';

/** Classes of SQLSTATE that pass without a change of ours: connection exceptions, lack of resources, interventions of an
 * operator, such as a restart.
 * @source https://www.postgresql.org/docs/current/errcodes-appendix.html */
const PASSING_CLASSES = ['08', '53', '57'];
/** `read_only_sql_transaction`: the server is a standby, as after a failover. */
const READ_ONLY = '25006';
/** `query_canceled`: the statement itself takes too long. */
const QUERY_CANCELED = '57014';
/** Invalid authorization, catalogue or schema name, and missing privileges. */
const WRONG_SETTINGS = ['28', '3D', '3F'];
const INSUFFICIENT_PRIVILEGE = '42501';

/** Deadlocks and failed serializations: the same transaction works when it runs again. */
const RETRIED = ['40001', '40P01'];
const UNIQUE_VIOLATION = '23505';

/** SQLSTATE of an error of the database; undefined for other errors. */
function stateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

export function isRetried(error: unknown): boolean {
  return RETRIED.includes(stateOf(error) ?? '');
}

export function isUniqueViolation(error: unknown): boolean {
  return stateOf(error) === UNIQUE_VIOLATION;
}

/** The database cannot be used, which may pass. The message names no address, because clients see it; the log has `cause`. */
export function unavailable(cause: unknown): FoveaError {
  return new FoveaError('database_unavailable', 'The database cannot be used now; try again later.', {
    cause,
  });
}

function wrongSettings(cause: Error, state?: string): FoveaError {
  const message = 'The database refuses the user, the password or the name in FOVEA_HISTORY_URL.';
  const details = state === undefined ? {} : { sqlstate: state };
  return new FoveaError('config_invalid', message, { details, cause });
}

/** @returns `config_invalid`, `database_unavailable`, or `name.failed` when the database refuses the statement */
export function fromPostgres(error: unknown, name: DatabaseName): FoveaError {
  const state = stateOf(error);
  if (state === undefined || !(error instanceof Error)) return FoveaError.from(error);
  if (state === INSUFFICIENT_PRIVILEGE || WRONG_SETTINGS.includes(state.slice(0, 2)))
    return wrongSettings(error, state);
  const isPassing = state === READ_ONLY || PASSING_CLASSES.includes(state.slice(0, 2));
  if (isPassing && state !== QUERY_CANCELED) return unavailable(error);
  return new FoveaError(name.failed, `The ${name.name} could not be read or written.`, {
    details: { sqlstate: state, reason: error.message },
    cause: error,
  });
}

/** @param error of an attempt to connect, which no part of the database may have seen */
export function fromConnecting(error: unknown, name: DatabaseName): FoveaError {
  if (stateOf(error) !== undefined) return fromPostgres(error, name);
  // The server wants a password, and the address has none.
  if (error instanceof Error && error.message.startsWith('SASL')) return wrongSettings(error);
  const known = FoveaError.from(error);
  return known.code === 'internal' ? unavailable(error) : known;
}
